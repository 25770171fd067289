import { isEnded, LEASE_TTL_MS, LeaseLostError, type Lease, type Parked, type WorkerId } from "workflow/world";
import { hasCancellation } from "./deliver.ts";
import { interruptTaken } from "./offers.ts";
import type { RunRow, Tables } from "./tables.ts";

/** Whether another worker may take what this one holds. Being late has no other effect. */
function isSilent(tables: Tables, worker: WorkerId, elapsed: number): boolean {
  const renewedAt = tables.workers.get(worker);
  return renewedAt === undefined || elapsed - renewedAt >= LEASE_TTL_MS;
}

/** Gives up the silent ones, but never the one who asks. */
export function giveUpSilent(tables: Tables, asking: WorkerId, elapsed: number): void {
  for (const worker of tables.workers.keys()) {
    if (worker !== asking && isSilent(tables, worker, elapsed)) giveUp(tables, worker);
  }
}

export function giveUp(tables: Tables, worker: WorkerId): void {
  if (!tables.workers.delete(worker)) return;
  tables.full.delete(worker);
  interruptTaken(tables, worker);
  for (const row of tables.runs.values()) {
    if (row.owner === worker) row.owner = null;
  }
}

/** @throws `LeaseLostError` when the worker has not joined, or was given up. */
export function requireMember(tables: Tables, worker: WorkerId): void {
  if (!tables.workers.has(worker)) throw new LeaseLostError(`The worker ${worker} is not a member: it must join again`);
}

/** The run of a lease that still holds, or undefined. */
export function leasedRow(tables: Tables, lease: Lease): RunRow | undefined {
  const row = tables.runs.get(lease.runId);
  return row !== undefined && row.owner === lease.worker && row.epoch === lease.epoch ? row : undefined;
}

export function take(row: RunRow, worker: WorkerId): Lease {
  row.epoch += 1;
  row.owner = worker;
  return { runId: row.runId, worker, epoch: row.epoch };
}

/** Leases what is due, longest due first; runs that the worker owns already come with the lease it has. */
export function leaseDue(tables: Tables, worker: WorkerId, want: number, now: number): readonly Lease[] {
  return [...tables.runs.values()]
    .filter((row) => (row.owner === worker ? row.inbox.length > 0 : row.owner === null && isDue(row, now)))
    .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
    .slice(0, Math.max(want, 0))
    .map((row) => (row.owner === worker ? { runId: row.runId, worker, epoch: row.epoch } : take(row, worker)));
}

export function isDue(row: RunRow, now: number): boolean {
  return row.dueAt !== null && row.dueAt <= now;
}

export function leaseOne(tables: Tables, worker: WorkerId, runId: string): Lease | null {
  const row = tables.runs.get(runId);
  const run = row?.entities.run;
  if (row === undefined || run === undefined || row.owner !== null || isEnded(run)) return null;
  return take(row, worker);
}

/**
 * A fact that arrived after the last commit must not be forgotten by parking. A run that stands still for an
 * operator is the exception, or its unread facts would have it leased for ever; a cancellation still reaches it.
 */
export function park(row: RunRow, parked: Parked): void {
  const wakes = parked.problem === undefined ? row.inbox.length > 0 : hasCancellation(row);
  row.owner = null;
  row.problem = parked.problem;
  row.dueAt = wakes ? 0 : parked.dueAt;
}

export function earliestDue(tables: Tables, elapsed: number): number | null {
  let earliest: number | null = null;
  for (const row of tables.runs.values()) {
    if (row.dueAt === null || (row.owner !== null && !isSilent(tables, row.owner, elapsed))) continue;
    if (earliest === null || row.dueAt < earliest) earliest = row.dueAt;
  }
  return earliest;
}
