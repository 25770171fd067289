import type { DatabaseSync } from "node:sqlite";
import { UNREAD } from "../world-parts/flat.ts";
import { type FlatLease, type Operation } from "./operations.ts";
import type { RunStates } from "./run-states.ts";
import { notJoined, type Workers } from "./workers.ts";

interface RunRow {
  readonly id: number;
  readonly run_id: string;
  readonly epoch: number;
}

/** More are not leased in one go, whatever is wanted. */
const LARGEST_LEASE = 10_000;

export function prepareLease(db: DatabaseSync, workers: Workers): Operation<"lease"> {
  const unowned = db.prepare(`
    SELECT id, run_id, epoch, due_at FROM runs INDEXED BY runs_due
    WHERE owner IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?`);
  const owned = db.prepare(`
    SELECT id, run_id, epoch, due_at FROM runs INDEXED BY runs_owned
    WHERE owner = ? AND due_at <= ? ORDER BY due_at LIMIT ?`);
  const take = prepareTake(db);

  return ({ worker, now, elapsed, want }) => {
    const self = workers.present(worker);
    if (self === undefined) return notJoined(worker);
    const most = Math.min(Math.floor(want), LARGEST_LEASE);
    workers.buryDead(self, now, elapsed);
    if (!(most > 0)) return { value: [] };
    const free = [unowned.all(now, most), ...workers.buried().map((id) => owned.all(id, now, most))].flat();
    const candidates = [
      ...rowsOf(owned.all(self, UNREAD, most)).map((run) => ({ run, mine: true })),
      ...rowsOf(free).map((run) => ({ run, mine: false })),
    ];
    const leases = candidates
      .toSorted((a, b) => a.run.due_at - b.run.due_at)
      .slice(0, most)
      .map(({ run, mine }): FlatLease => (mine ? [run.run_id, run.epoch] : take(run, self)));
    workers.forgetBuried();
    return { value: leases };
  };
}

function rowsOf(rows: readonly unknown[]): readonly (RunRow & { readonly due_at: number })[] {
  return rows as readonly (RunRow & { readonly due_at: number })[];
}

export function prepareLeaseRun(db: DatabaseSync, workers: Workers): Operation<"leaseRun"> {
  const find = db.prepare("SELECT id, run_id, epoch, owner, ended_at FROM runs WHERE run_id = ?");
  const take = prepareTake(db);

  return ({ worker, elapsed, runId }) => {
    const self = workers.present(worker);
    if (self === undefined) return notJoined(worker);
    workers.burySilent(self, elapsed);
    const run = find.get(runId) as (RunRow & { owner: number | null; ended_at: number | null }) | undefined;
    if (run === undefined || run.ended_at !== null || run.owner === self) return { value: null };
    if (run.owner !== null && !workers.buryIfDead(run.owner, elapsed)) return { value: null };
    return { value: take(run, self) };
  };
}

function prepareTake(db: DatabaseSync): (run: RunRow, owner: number) => FlatLease {
  const update = db.prepare("UPDATE runs SET owner = ?, epoch = epoch + 1 WHERE id = ?");
  return (run, owner) => {
    update.run(owner, run.id);
    return [run.run_id, run.epoch + 1];
  };
}

export function prepareRelease(db: DatabaseSync, workers: Workers, states: RunStates): Operation<"release"> {
  const find = db.prepare("SELECT id FROM runs WHERE run_id = ? AND epoch = ? AND owner = ?");
  const anyUnread = db.prepare("SELECT 1 FROM inbox WHERE run = ? LIMIT 1");
  const cancellation = db.prepare("SELECT 1 FROM inbox WHERE run = ? AND type = 'run_cancelled' LIMIT 1");
  const park = db.prepare("UPDATE runs SET owner = NULL, due_at = ?, problem = ? WHERE id = ?");

  return ({ runId, epoch, worker, dueAt, problem, now }) => {
    const self = workers.present(worker);
    const id = self === undefined ? undefined : (find.get(runId, epoch, self)?.["id"] as number | undefined);
    if (id === undefined) return { value: false };
    // A run that waits for an operator would be leased for ever by the facts it cannot take; it can be cancelled.
    const wakes = problem === null ? anyUnread : cancellation;
    const due = wakes.get(id) === undefined ? dueAt : UNREAD;
    park.run(due, problem, id);
    // Runs that nobody works on cost rows and no memory (invariant I10).
    states.forget(id);
    return { value: due !== null && due <= now };
  };
}
