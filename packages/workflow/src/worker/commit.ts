import { LeaseLostError, WorkflowError } from "../world/errors.ts";
import type { Committed, Lease, Turn, World } from "../world/world.ts";

const DELAYS_MS = [50, 250, 1_000, 2_000];

export type CommitOutcome =
  | { readonly status: "committed"; readonly committed: Committed }
  /** Nothing was written by the last attempt. `inDoubt`: an earlier one may have been, and its answer was lost. */
  | { readonly status: "refused"; readonly error: unknown; readonly inDoubt: boolean };

export type Commit = (lease: Lease, turn: Turn) => Promise<CommitOutcome>;

/**
 * Commits, again and again while the World fails for a reason that may pass (a full disk, say): what a turn holds is
 * not lost, and no step runs twice for it. An attempt whose answer was lost and that did write makes the next one
 * fail with `LeaseLostError`, because the history has moved on: nothing is written twice.
 */
export function createCommit(
  world: World,
  { isStopping, onProblem }: { isStopping(): boolean; onProblem(message: string, cause?: unknown): void },
): Commit {
  let failing = false;

  const reportFailure = (runId: string, cause: unknown): void => {
    if (!failing)
      onProblem(`Turns cannot be written, of run ${runId} and others; it is tried again until it works`, cause);
    failing = true;
  };
  const reportSuccess = (): void => {
    if (failing) onProblem("Turns can be written again");
    failing = false;
  };

  return async (lease, turn) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const committed = await world.commit(lease, turn);
        reportSuccess();
        return { status: "committed", committed };
      } catch (error) {
        const mayPass = mayPassBy(error);
        if (!mayPass || isStopping()) return { status: "refused", error, inDoubt: attempt > 0 || mayPass };
        if (attempt > 0) reportFailure(lease.runId, error);
        await new Promise<void>((resolve) => world.clock.delay(DELAYS_MS[attempt] ?? 2_000, resolve));
      }
    }
  };
}

function mayPassBy(error: unknown): boolean {
  if (LeaseLostError.is(error)) return false;
  return !(error instanceof WorkflowError) || error.code === "WORLD_FAILED";
}
