import {
  eventIdOf,
  HookNotFoundError,
  isEnded,
  publicEvent,
  requireFilter,
  WorkflowRunNotFoundError,
  WorkflowWorldError,
  type EventReads,
  type HeldReads,
  type Hook,
  type HookReads,
  type Page,
  type ResolveData,
  type RunReads,
  type RunStatus,
  type Step,
  type StepReads,
  type StoredEvent,
  type WorkflowRun,
} from "workflow/world";
import { heldReads } from "./held.ts";
import { holderOf, isOpen } from "./holder.ts";
import { pageOf, type Key, type Ranked } from "./page.ts";
import type { RunRow, Tables } from "./tables.ts";

/** Reads at one moment: what a read for people answers before it becomes a promise. */
export type Instantly<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};

export interface Reads {
  readonly runs: Instantly<Pick<RunReads, "get" | "list">>;
  readonly steps: Instantly<StepReads>;
  readonly hooks: Instantly<Omit<HookReads, "firstPayload">>;
  readonly events: Instantly<EventReads>;
  readonly held: Instantly<HeldReads>;
}

/** `now` is the time of day. */
export function readsOf(tables: Tables, now: () => number): Reads {
  return {
    runs: runReads(tables),
    steps: stepReads(tables),
    hooks: hookReads(tables, now),
    events: eventReads(tables),
    held: heldReads(tables, now),
  };
}

/** @throws `WorkflowRunNotFoundError` */
export function rowOf(tables: Tables, runId: string): RunRow & { readonly entities: { readonly run: WorkflowRun } } {
  const row = tables.runs.get(runId);
  if (row === undefined || !hasRun(row)) throw new WorkflowRunNotFoundError(runId);
  return row;
}

function hasRun(row: RunRow): row is RunRow & { readonly entities: { readonly run: WorkflowRun } } {
  return row.entities.run !== undefined;
}

function runReads(tables: Tables): Reads["runs"] {
  return {
    get: (runId, options = {}) => publicRun(rowOf(tables, runId), options.resolveData),
    list(options = {}) {
      const { workflowName, status, resolveData, attributes } = options;
      if (attributes !== undefined) requireFilter(attributes);
      const wanted = status === undefined ? undefined : new Set<RunStatus>([status].flat());
      const items = [...tables.runs.keys()]
        .map((runId) => publicRun(rowOf(tables, runId), resolveData))
        .filter((run) => workflowName === undefined || run.workflowName === workflowName)
        .filter((run) => wanted === undefined || wanted.has(run.status))
        .filter((run) => hasAll(run, attributes))
        .map((run) => ({ key: [run.createdAt.getTime(), run.runId], value: run }));
      return pageOf(items, options.pagination, "desc");
    },
  };
}

function hasAll({ attributes }: WorkflowRun, wanted: WorkflowRun["attributes"] = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => attributes[key] === value);
}

function publicRun(
  row: { readonly entities: { readonly run: WorkflowRun }; readonly problem: RunRow["problem"] },
  resolveData?: ResolveData,
): WorkflowRun {
  const run = row.problem === undefined ? row.entities.run : { ...row.entities.run, problem: row.problem };
  if (resolveData !== "none") return run;
  const { input: _input, output: _output, error: _error, ...rest } = run;
  return rest;
}

function stepReads(tables: Tables): Reads["steps"] {
  return {
    get(runId, stepId, options = {}) {
      const step = tables.runs.get(runId)?.entities.steps.get(stepId);
      if (step === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no step ${stepId}`);
      return publicStep(step, options.resolveData);
    },
    list({ runId, pagination, resolveData }) {
      const steps = tables.runs.get(runId)?.entities.steps.values() ?? [];
      const items = [...steps].map((step, index) => ({
        key: [index],
        value: publicStep(step, resolveData),
      }));
      return pageOf(items, pagination, "desc");
    },
  };
}

function publicStep(step: Step, resolveData?: ResolveData): Step {
  if (resolveData !== "none") return step;
  const { input: _input, output: _output, error: _error, ...rest } = step;
  return rest;
}

function hookReads(tables: Tables, now: () => number): Reads["hooks"] {
  return {
    get(hookId) {
      const found = activeHooks(tables, now()).find(({ value }) => value.hookId === hookId);
      if (found === undefined) throw new HookNotFoundError(hookId);
      return found.value;
    },
    getByToken(token) {
      const holder = holderOf(tables, token, now());
      if (token === "" || (holder.kind !== "hook" && holder.kind !== "retained")) throw new HookNotFoundError(token);
      return holder.hook;
    },
    list(options = {}): Page<Hook> {
      const { runId, pagination, resolveData } = options;
      const items = activeHooks(tables, now())
        .filter(({ value }) => runId === undefined || value.runId === runId)
        .filter(({ value }) => !value.isSystem)
        .map(({ key, value }) => ({ key, value: publicHook(value, resolveData) }));
      return pageOf(items, pagination, "desc");
    },
  };
}

function activeHooks(tables: Tables, now: number): readonly Ranked<Hook>[] {
  return [...tables.runs.values()].flatMap((row) => {
    if (row.entities.run === undefined || isEnded(row.entities.run)) return [];
    return [...row.entities.hooks.values()].flatMap((state, index) => {
      const { hook } = state;
      const key: Key = [hook.createdAt.getTime(), hook.runId, index];
      return isOpen(state, now) ? [{ key, value: hook }] : [];
    });
  });
}

function publicHook(hook: Hook, resolveData?: ResolveData): Hook {
  if (resolveData !== "none") return hook;
  const { metadata: _metadata, ...rest } = hook;
  return rest;
}

function eventReads(tables: Tables): Reads["events"] {
  const historyOf = (runId: string): readonly StoredEvent[] => tables.runs.get(runId)?.history ?? [];
  const list: Reads["events"]["listByCorrelationId"] = ({ runId, correlationId, pagination, resolveData }) => {
    const items = historyOf(runId)
      .filter((event) => correlationId === undefined || event.correlationId === correlationId)
      .map((event) => ({ key: [event.position], value: publicEvent(runId, event, resolveData) }));
    return pageOf(items, pagination, "asc");
  };
  return {
    get(runId, eventId) {
      const event = historyOf(runId).find(({ position }) => eventIdOf(position) === eventId);
      if (event === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no event ${eventId}`);
      return publicEvent(runId, event);
    },
    list: (options) => list(options as Parameters<typeof list>[0]),
    listByCorrelationId: list,
  };
}
