import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../world/clock.ts";
import { LEASE_TTL_MS } from "../world/world.ts";
import type { ProcessLocks } from "./process-lock.ts";
import { transaction } from "./transaction.ts";

const PERIOD_MS = LEASE_TTL_MS / 3;

/**
 * Renews, from the writer's thread, for the workers of this process: an event loop that stands still (a step that
 * computes, say) must not look like a process that does, or its steps would run a second time elsewhere. A process
 * that is stopped as a whole does not renew. Returns what ends it.
 */
export function startHeartbeat(db: DatabaseSync, locks: ProcessLocks, clock: Clock): () => void {
  const renew = db.prepare("UPDATE workers SET renewed_at = ? WHERE worker = ? AND gone = 0 AND renewed_at <= ?");
  const beat = (): void => {
    const elapsed = clock.elapsed();
    try {
      transaction(db, () => {
        for (const worker of locks.held()) renew.run(elapsed, worker, elapsed - PERIOD_MS);
      });
    } catch {
      // Renewing is tried again with the next beat; the lease holds for several.
    }
  };
  const timer = setInterval(beat, PERIOD_MS).unref();
  return () => clearInterval(timer);
}
