import { LeaseLostError, WorkflowError } from "../world/errors.ts";
import type { Clock } from "../world/clock.ts";

const DELAYS_MS = [50, 250, 1_000, 2_000];

export type Attempted<T> =
  | { readonly status: "done"; readonly value: T }
  /** The last attempt did nothing. `inDoubt`: an earlier one may have been carried out, and its answer was lost. */
  | { readonly status: "refused"; readonly error: unknown; readonly inDoubt: boolean };

/** Asks the World for something about a run, again and again while it fails for a reason that may pass. */
export type Patience = <T>(runId: string, attempt: () => Promise<T>) => Promise<Attempted<T>>;

export interface Trouble {
  isStopping(): boolean;
  /** Something went wrong that the operator should read. */
  onProblem(message: string, cause?: unknown): void;
}

/**
 * A full disk, say, must not cost anything but time: what a live run has in hand is kept until the World works again,
 * and no step runs twice for it. Said once for all runs, and once more when it is over.
 */
export function createPatience(clock: Clock, { isStopping, onProblem }: Trouble): Patience {
  let failing = false;

  const failed = (runId: string, cause: unknown): void => {
    if (!failing) onProblem(`The World fails, for run ${runId} and maybe others; it is tried until it works`, cause);
    failing = true;
  };
  const worked = (): void => {
    if (failing) onProblem("The World works again");
    failing = false;
  };

  return async (runId, attempt) => {
    for (let tries = 0; ; tries += 1) {
      try {
        const value = await attempt();
        worked();
        return { status: "done", value };
      } catch (error) {
        const passes = mayPass(error);
        if (!passes || isStopping()) return { status: "refused", error, inDoubt: tries > 0 || passes };
        if (tries > 0) failed(runId, error);
        await new Promise<void>((resolve) => clock.delay(DELAYS_MS[tries] ?? 2_000, resolve));
      }
    }
  };
}

/** Whether the World may do it the next time. */
export function mayPass(error: unknown): boolean {
  if (LeaseLostError.is(error)) return false;
  return !(error instanceof WorkflowError) || error.code === "WORLD_FAILED";
}
