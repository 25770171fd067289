import { isEnded, type AwaitedEnd, type NewEvent, type NewFact, type StoredEvent } from "workflow/world";
import type { RunRow, Tables } from "./tables.ts";

/** Notes what a step of `row` awaits; the outcome is in the inbox at once when that run is over. */
export function awaitRun(tables: Tables, row: RunRow, created: NewEvent<"step_created">, now: number): void {
  const { correlationId: stepId = "", data } = created;
  const target = tables.runs.get(data.awaits ?? "");
  if (target !== undefined && !isEnded(runOf(target))) {
    target.awaiting = [...target.awaiting, { runId: row.runId, stepId }];
  } else {
    const end = target?.history.at(-1);
    post(tables, row, outcomeOf(data.awaits ?? "", end, stepId, now));
  }
}

/** Gives the steps that await `row`, which has ended, their outcome. Returns the runs that have something to do. */
export function settleAwaiting(tables: Tables, row: RunRow, now: number): readonly string[] {
  forgetAwaited(tables, row);
  const waiters = row.awaiting.flatMap(({ runId, stepId }) => {
    const waiter = tables.runs.get(runId);
    return waiter === undefined ? [] : [{ waiter, stepId }];
  });
  row.awaiting = [];
  for (const { waiter, stepId } of waiters) post(tables, waiter, outcomeOf(row.runId, row.history.at(-1), stepId, now));
  return waiters.map(({ waiter }) => waiter.runId);
}

/** `row` awaits nothing any more. */
export function forgetAwaited(tables: Tables, row: RunRow): void {
  for (const other of tables.runs.values()) {
    if (other.awaiting.some(({ runId }) => runId === row.runId))
      other.awaiting = other.awaiting.filter(({ runId }) => runId !== row.runId);
  }
}

function runOf({ runId, entities: { run } }: RunRow): NonNullable<RunRow["entities"]["run"]> {
  if (run === undefined) throw new Error(`Run ${runId} has no history`);
  return run;
}

function outcomeOf(runId: string, end: StoredEvent | undefined, stepId: string, at: number): NewFact {
  const about = { correlationId: stepId, at, ...(end?.payload !== undefined && { payload: end.payload }) };
  const isExpired = end !== undefined && end.type !== "run_cancelled" && end.payload === undefined;
  if (isExpired) return { type: "step_failed", ...about, data: { run: { runId, status: "expired" } } };
  if (end?.type === "run_completed") return { type: "step_completed", ...about, data: {} };
  return { type: "step_failed", ...about, data: { run: endOf(runId, end) } };
}

function endOf(runId: string, end: StoredEvent | undefined): AwaitedEnd {
  if (end?.type === "run_failed") return { runId, status: "failed", errorCode: end.data.errorCode };
  if (end?.type !== "run_cancelled") return { runId, status: "missing" };
  const { cancelReason } = end.data;
  return { runId, status: "cancelled", ...(cancelReason !== undefined && { cancelReason }) };
}

function post(tables: Tables, row: RunRow, event: NewFact): void {
  tables.lastFactId += 1;
  row.inbox = [...row.inbox, { id: tables.lastFactId, event }];
  row.dueAt = 0;
}
