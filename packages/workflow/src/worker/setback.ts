import type { Step } from "../world/entities.ts";
import { type ErrorCode, LeaseLostError, WorkflowError } from "../world/errors.ts";
import type { Lease, Parked, World } from "../world/world.ts";
import type { Trouble } from "./patience.ts";

const RELEASE_RETRY_MS = 1_000;

/**
 * How soon a run is looked at again that something outside it kept from going on, in milliseconds. A World that failed
 * may work again; a key that is missing here may come with a restart, or be known to another process.
 */
const RETRY_MS: { readonly [C in ErrorCode]?: number } = { WORLD_FAILED: 1_000, DECRYPTION_FAILED: 30_000 };

/** A missing step is looked for again after a tenth of the time that it has been missed, within these bounds. */
const MISSING_STEP_MS = { least: 1_000, most: 60_000 };

/** Why a worker gives up a run that has not ended, and how the World should keep it. */
export type Setback =
  /** Someone else's by now, or the instance went ahead of a history that it cannot have: begin anew from there. */
  | { readonly kind: "start over"; readonly parked: Parked }
  /** Something outside the run has to change. Operators are told. */
  | { readonly kind: "put aside"; readonly parked: Parked; readonly message: string };

/** What to do about a run that cannot go on because of `error`. */
export function judgeSetback(runId: string, error: unknown, now: number): Setback {
  const code = error instanceof WorkflowError ? error.code : "RUNTIME_ERROR";
  if (LeaseLostError.is(error) || code === "PRECONDITION_FAILED") return { kind: "start over", parked: { dueAt: 0 } };
  const message = error instanceof Error ? error.message : String(error);
  const retryMs = RETRY_MS[code];
  const dueAt = retryMs === undefined ? null : now + retryMs;
  return {
    kind: "put aside",
    parked: { dueAt, problem: { code, message } },
    message: `Run ${runId} cannot go on and was put aside: ${message}`,
  };
}

/** What to do about a run whose step the deployed code does not have: a later deployment may bring it back. */
export function judgeMissingStep(runId: string, step: Step, error: Error, now: number): Setback {
  const missedFor = (now - step.createdAt.getTime()) / 10;
  const wait = Math.min(Math.max(missedFor, MISSING_STEP_MS.least), MISSING_STEP_MS.most);
  const problem = { code: error instanceof WorkflowError ? error.code : "RUNTIME_ERROR", message: error.message };
  return {
    kind: "put aside",
    parked: { dueAt: now + wait, problem },
    message: `Run ${runId} waits for a deployment that has its step: ${error.message}`,
  };
}

/** Gives a run back. One that is neither live nor given back would be nobody's, so this does not give up. */
export async function giveBack(
  world: World,
  lease: Lease,
  parked: Parked,
  { isStopping, onProblem }: Trouble,
): Promise<void> {
  for (let tries = 0; !isStopping(); tries += 1) {
    try {
      return await world.release(lease, parked);
    } catch (error) {
      if (tries === 0) onProblem(`Giving back run ${lease.runId} failed; it is tried until it works`, error);
    }
    await new Promise<void>((resolve) => world.clock.delay(RELEASE_RETRY_MS, resolve));
  }
}
