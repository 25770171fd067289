import type { DatabaseSync } from "node:sqlite";
import type { AwaitedEnd, StoredEvent } from "../world/events.ts";
import type { WorkflowRun } from "../world/entities.ts";
import { eventKey } from "./event-keys.ts";
import { UNREAD } from "../world-parts/flat.ts";
import { OWNER_SQL } from "./tokens.ts";

/** A run that has something to do now, and the worker that owns it. */
export type Notified = readonly [runId: string, owner: string | null];

/** Steps of runs that are over when another run is. */
export interface Awaited {
  /** Writes down what a `step_created` awaits. True when that run is over, so that the step's outcome is in the inbox. */
  note(run: number, created: StoredEvent<"step_created">, now: number): boolean;
  /** A run has ended: its last event, at `length`, is the outcome of the steps that await it. */
  settle(run: number, ended: WorkflowRun, length: number, now: number): readonly Notified[];
  /** The run awaits nothing any more. */
  forget(run: number): void;
}

interface Target {
  readonly id: number;
  readonly length: number;
  readonly status: WorkflowRun["status"];
  readonly ended_at: number | null;
}

/** The last event of a run. `bare`: its payload is gone, as that of all others of the run. */
interface End {
  readonly data: string | null;
  readonly bare: number;
}

interface Waiter {
  readonly run: number;
  readonly step_id: string;
  readonly run_id: string;
  readonly owner: string | null;
}

export function prepareAwaited(db: DatabaseSync, newFactId: () => number): Awaited {
  const find = db.prepare("SELECT id, length, status, ended_at FROM runs WHERE run_id = ?");
  const insert = db.prepare("INSERT INTO awaited (target, run, step_id) VALUES (?, ?, ?)");
  const waiters = db.prepare(`
    SELECT a.run, a.step_id, r.run_id, ${OWNER_SQL} AS owner FROM awaited a JOIN runs r ON r.id = a.run
    WHERE a.target = ? ORDER BY a.id`);
  const removeTarget = db.prepare("DELETE FROM awaited WHERE target = ?");
  const removeRun = db.prepare("DELETE FROM awaited WHERE run = ?");
  const wake = db.prepare(`UPDATE runs SET due_at = ${UNREAD} WHERE id = ?`);
  const isAny = db.prepare("SELECT 1 FROM awaited WHERE target = ? LIMIT 1");
  // The payload goes from table to table and is never read here.
  const post = db.prepare("INSERT INTO inbox SELECT ?, ?, ?, ?, ?, ?, payload FROM events WHERE id = ?");
  const postMissing = db.prepare("INSERT INTO inbox VALUES (?, ?, 'step_failed', ?, ?, ?, NULL)");
  const findEnd = db.prepare("SELECT data, payload IS NULL AS bare FROM events WHERE id = ?");

  const postEnd = (run: number, stepId: string, target: Omit<Target, "ended_at">, runId: string, now: number): void => {
    const last = eventKey(target.id, target.length);
    const [type, data] = outcomeOf(runId, target.status, findEnd.get(last) as unknown as End);
    post.run(run, newFactId(), type, stepId, now, data, last);
  };

  return {
    note(run, { correlationId: stepId = "", data: { awaits = "" } }, now) {
      const target = find.get(awaits) as Target | undefined;
      if (target === undefined) {
        postMissing.run(run, newFactId(), stepId, now, JSON.stringify({ run: { runId: awaits, status: "missing" } }));
        return true;
      }
      if (target.ended_at === null) insert.run(awaits, run, stepId);
      else postEnd(run, stepId, target, awaits, now);
      return target.ended_at !== null;
    },
    settle(run, { runId, status }, length, now) {
      removeRun.run(run);
      if (isAny.get(runId) === undefined) return [];
      const notified: Notified[] = [];
      for (const waiter of waiters.all(runId) as unknown as Waiter[]) {
        postEnd(waiter.run, waiter.step_id, { id: run, length, status }, runId, now);
        wake.run(waiter.run);
        notified.push([waiter.run_id, waiter.owner]);
      }
      removeTarget.run(runId);
      return notified;
    },
    forget: (run) => void removeRun.run(run),
  };
}

/** The type and the data of the fact that ends a step which awaited a run with that end. */
function outcomeOf(
  runId: string,
  status: WorkflowRun["status"],
  end: End,
): readonly ["step_completed" | "step_failed", string | null] {
  if (status !== "cancelled" && end.bare === 1)
    return ["step_failed", JSON.stringify({ run: { runId, status: "expired" } satisfies AwaitedEnd })];
  if (status === "completed") return ["step_completed", null];
  const said = JSON.parse(end.data ?? "{}") as Pick<WorkflowRun, "errorCode" | "cancelReason">;
  const { errorCode, cancelReason } = said;
  const run: AwaitedEnd = {
    runId,
    status: status === "failed" ? "failed" : "cancelled",
    ...(errorCode !== undefined && { errorCode }),
    ...(cancelReason !== undefined && { cancelReason }),
  };
  return ["step_failed", JSON.stringify({ run })];
}
