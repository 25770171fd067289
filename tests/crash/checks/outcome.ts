import { inspect, isDeepStrictEqual } from "node:util";
import { deserialize } from "../../../packages/workflow/src/serialization/serialize.ts";
import type { Payload, StoredEvent } from "workflow/world";
import type { Dump, StoredRun } from "../dump.ts";
import { stepHistories } from "./attempts.ts";

/** What a run came to, without what may differ from time to time: ids, times, attempts, stacks. */
export interface Outcome {
  readonly workflowName: string;
  readonly status: string;
  readonly result: unknown;
  readonly steps: readonly { readonly name: string; readonly status: string; readonly result: unknown }[];
  /** By token, in the order of their delivery. */
  readonly payloads: Readonly<Record<string, readonly unknown[]>>;
}

export function outcomesOf(stored: Dump): readonly Outcome[] {
  return stored.runs.map((run) => ({
    workflowName: run.workflowName,
    status: run.status,
    result: valueOf(run.history.at(-1)?.payload),
    steps: stepHistories({ ...stored, runs: [run] }).map(({ name, status, stepId }) => ({
      name,
      status,
      result: valueOf(lastPayload(run.history, stepId)),
    })),
    payloads: deliveriesOf(run),
  }));
}

/** How the outcomes differ from those that were expected. */
export function outcomeViolations(expected: readonly Outcome[], found: readonly Outcome[]): readonly string[] {
  if (found.length !== expected.length) return [`there are ${found.length} runs, not ${expected.length}`];
  return expected.flatMap((outcome, index) => {
    if (isDeepStrictEqual(withoutUnknown(found[index], outcome), outcome)) return [];
    return [`${outcome.workflowName} came to ${show(found[index])}, not to ${show(outcome)}`];
  });
}

/**
 * A step that may run at most once and lost its process may have come to what was expected: nobody knows. Whether it had
 * a reason is judged in `once.ts`.
 */
function withoutUnknown(found: Outcome | undefined, expected: Outcome): Outcome | undefined {
  if (found === undefined) return undefined;
  const steps = found.steps.map((step, index) => {
    const other = expected.steps[index];
    return isUnknown(step.result) && other?.name === step.name ? other : step;
  });
  return { ...found, steps };
}

function isUnknown(result: unknown): boolean {
  return (result as { readonly name?: unknown } | undefined)?.name === "StepOutcomeUnknownError";
}

function show(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: Infinity });
}

function lastPayload(history: readonly StoredEvent[], stepId: string): Payload | undefined {
  const last = history.findLast((event) => event.correlationId === stepId);
  return last?.type === "step_completed" || last?.type === "step_failed" ? last.payload : undefined;
}

function deliveriesOf({ history }: StoredRun): Outcome["payloads"] {
  const hooks = history.filter((event) => event.type === "hook_created");
  return Object.fromEntries(
    hooks.map(({ correlationId, data }, index) => {
      const received = history.filter(
        (event) => event.type === "hook_received" && event.correlationId === correlationId,
      );
      return [
        data.isSystem ? `signal ${index}` : data.token,
        received.map((event) => ({ ...event.data, payload: valueOf(event.payload) })),
      ];
    }),
  );
}

const absent = (): never => {
  throw new Error("A scenario's values hold no references");
};
const NOTHING = {
  step: absent,
  workflow: absent,
  run: absent,
  class: () => undefined,
  respond: absent,
  stream: absent,
  signal: absent,
  controller: absent,
};

/** Errors keep their name and message: a stack says where in the process they came up. */
function valueOf(payload: Payload | undefined): unknown {
  if (payload === undefined) return undefined;
  const value = deserialize(payload, NOTHING);
  return value instanceof Error ? { name: value.name, message: value.message } : value;
}
