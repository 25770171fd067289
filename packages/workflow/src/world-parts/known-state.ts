import type { Hook, Step, Wait } from "../world/entities.ts";
import { advance, emptyState, type HookState, type RunState, TENANCY } from "../world/reduce.ts";
import { type EventRow, toEvent } from "./rows.ts";

/** The entities of one run after `length` events, without payloads. */
export interface KnownState {
  readonly entities: RunState;
  length: number;
}

/** What a history comes to. The rows need no payloads. */
export function stateOf(runId: string, rows: readonly EventRow[]): KnownState {
  const state: KnownState = { entities: emptyState(), length: rows.length };
  // What is over is known by the event that ended it, and the others of it need no look.
  for (const row of rows) noteOver(state.entities, row);
  for (const row of rows) {
    if (!isOver(state.entities, row)) advance(runId, state.entities, toEvent(row, asStored));
  }
  return state;
}

/**
 * Takes the entities of `changes` over. Of what is over, only that it is: a seventh of the memory, and all that the
 * state machine asks about it.
 */
export function keep(entities: RunState, changes: RunState): void {
  entities.run = changes.run ?? entities.run;
  for (const [id, step] of changes.steps) {
    entities.steps.set(id, step.status === "completed" || step.status === "failed" ? OVER[step.status] : step);
  }
  for (const [id, hook] of changes.hooks) entities.hooks.set(id, hook.status === "active" ? hook : OVER[hook.status]);
  for (const [id, wait] of changes.waits) entities.waits.set(id, wait.status === "completed" ? OVER.wait : wait);
}

/** The state machine does not look at payloads. */
const asStored = (payload: string): string => payload;

function noteOver({ steps, hooks, waits }: RunState, { type, correlation_id: id }: EventRow): void {
  if (id === null) return;
  if (type === "step_completed") steps.set(id, OVER.completed);
  else if (type === "step_failed") steps.set(id, OVER.failed);
  else if (type === "wait_completed") waits.set(id, OVER.wait);
  else if (type === "hook_conflict") hooks.set(id, OVER.conflict);
  else if (type === "hook_disposed" && !hooks.has(id)) hooks.set(id, OVER.disposed);
}

function isOver({ steps, hooks, waits }: RunState, { type, correlation_id: id }: EventRow): boolean {
  if (id === null) return false;
  if (type.startsWith("step")) return isClosedStep(steps.get(id));
  if (type.startsWith("wait")) return waits.get(id) === OVER.wait;
  const hook = hooks.get(id);
  return hook === OVER.conflict || hook === OVER.disposed;
}

function isClosedStep(step: Step | undefined): boolean {
  return step === OVER.completed || step === OVER.failed;
}

const SOME_TIME = new Date(0);
const NOTHING = { runId: "", createdAt: SOME_TIME, updatedAt: SOME_TIME } as const;
const STEP = { ...NOTHING, stepId: "", stepName: "", attempt: 0 } as const;
const HOOK: Hook = { ...TENANCY, runId: "", createdAt: SOME_TIME, hookId: "", token: "", isWebhook: false };

const OVER: {
  readonly [S in "completed" | "failed"]: Step;
} & { readonly [S in "disposed" | "conflict"]: HookState } & { readonly wait: Wait } = {
  completed: { ...STEP, status: "completed" },
  failed: { ...STEP, status: "failed" },
  disposed: { hook: HOOK, status: "disposed" },
  conflict: { hook: HOOK, status: "conflict" },
  wait: { ...NOTHING, waitId: "", resumeAt: SOME_TIME, status: "completed" },
};
