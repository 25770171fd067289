import type { Backoff } from "../world/events.ts";

/** How an attempt of a step failed. */
export interface Failure {
  /** 1 for the first. */
  readonly attempt: number;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly fatal: boolean;
  /** When the error itself asks to be tried again; milliseconds since the epoch. */
  readonly retryAfter: number | undefined;
}

export type Verdict = { readonly kind: "retry"; readonly at: number } | { readonly kind: "fail" };

/** What to do after a step threw (contract 07 section 7.1). */
export function judgeFailure(failure: Failure, now: number): Verdict {
  if (failure.fatal || failure.attempt > failure.maxRetries) return { kind: "fail" };
  return { kind: "retry", at: failure.retryAfter ?? now + delayAfter(failure.attempt, failure.backoff) };
}

function delayAfter(attempt: number, { initial, factor, max }: Backoff): number {
  // The power of a number of attempts may be infinite, and no time at all is none however often it is multiplied.
  const times = Math.min(factor ** (attempt - 1), Number.MAX_VALUE);
  return Math.ceil(Math.min(initial * times, max));
}
