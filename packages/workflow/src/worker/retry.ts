/** How an attempt of a step failed. */
export interface Failure {
  /** 1 for the first. */
  readonly attempt: number;
  readonly maxRetries: number;
  readonly fatal: boolean;
  /** When the error itself asks to be tried again; milliseconds since the epoch. */
  readonly retryAfter: number | undefined;
}

export type Verdict = { readonly kind: "retry"; readonly at: number } | { readonly kind: "fail" };

/** Retries after the first attempt, unless the step function's `maxRetries` says otherwise (contract 01 section 1.2). */
export const DEFAULT_MAX_RETRIES = 3;

const FIRST_DELAY = 100;
const LONGEST_DELAY = 1_000;

/** What to do after a step threw (contract 07 section 7.1). */
export function judgeFailure(failure: Failure, now: number): Verdict {
  if (failure.fatal || failure.attempt > failure.maxRetries) return { kind: "fail" };
  const delay = Math.min(FIRST_DELAY * 2 ** (failure.attempt - 1), LONGEST_DELAY);
  return { kind: "retry", at: failure.retryAfter ?? now + delay };
}
