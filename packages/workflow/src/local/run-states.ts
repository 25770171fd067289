import type { DatabaseSync } from "node:sqlite";
import type { Hook, Step, Wait } from "../world/entities.ts";
import { advance, emptyState, type HookState, type RunState, TENANCY } from "../world/reduce.ts";
import type { StoredEvent } from "../world/events.ts";
import { ofRunSql } from "./event-keys.ts";
import { type EventRow, toEvent } from "./rows.ts";

/** The entities of one run after `length` events, without payloads. */
export interface KnownState {
  readonly entities: RunState;
  length: number;
}

/**
 * The state machine's view of the runs that were committed to lately, so that a turn is checked without reading
 * the history again. Within a generation a history only grows, so an entry of the right length is right, also after
 * other processes wrote.
 */
export interface RunStates {
  of(run: number, runId: string, length: number, generation: number): KnownState;
  /** The state of a run that was just created, so that its first commit need not read it. */
  begin(run: number, runId: string, created: StoredEvent<"run_created">): void;
  forget(run: number): void;
  /** To be called when a transaction was rolled back: some states may be ahead of their histories. */
  forgetAll(): void;
}

/**
 * What is kept, in events; a run itself weighs as much as {@link RUN_WEIGHT} of them. About 30 MB, and room for every
 * run that a process works on at once: beyond that, each commit reads its run's history.
 */
const KEPT_WEIGHT = 1_000_000;
const RUN_WEIGHT = 40;

export function prepareRunStates(db: DatabaseSync): RunStates {
  const history = db.prepare(`
    SELECT id, type, correlation_id, turn, at, data, NULL AS payload FROM events
    WHERE ${ofRunSql(":run")} ORDER BY id`);
  // In the order of their last use.
  const known = new Map<number, { readonly state: KnownState; readonly weight: number }>();
  let total = 0;

  const load = (run: number, runId: string): KnownState => {
    const rows = history.all({ run }) as unknown as EventRow[];
    const state: KnownState = { entities: emptyState(), length: rows.length };
    // What is over is known by the event that ended it, and the others of it need no look.
    for (const row of rows) noteOver(state.entities, row);
    for (const row of rows) {
      if (!isOver(state.entities, row)) advance(runId, state.entities, toEvent(row, asStored));
    }
    return state;
  };

  const forget = (run: number): void => {
    total -= known.get(run)?.weight ?? 0;
    known.delete(run);
  };

  const remember = (run: number, state: KnownState): void => {
    const weight = state.length + RUN_WEIGHT;
    forget(run);
    known.set(run, { state, weight });
    total += weight;
    for (const oldest of known.keys()) {
      if (total <= KEPT_WEIGHT || oldest === run) break;
      forget(oldest);
    }
  };

  return {
    of(run, runId, length, generation) {
      const kept = known.get(run)?.state;
      const isRight = kept?.length === length && (kept.entities.run?.generation ?? 0) === generation;
      const state = isRight ? kept : load(run, runId);
      remember(run, state);
      return state;
    },
    begin(run, runId, created) {
      const state: KnownState = { entities: emptyState(), length: 1 };
      advance(runId, state.entities, created);
      remember(run, state);
    },
    forget,
    forgetAll() {
      known.clear();
      total = 0;
    },
  };
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
