import { parseDuration, type StringValue } from "./duration.ts";
import { WorkflowError } from "./errors.ts";
import type { Backoff, StepSettings } from "./events.ts";

/**
 * What may be assigned to a step function, to say how its attempts are made (contract 01 section 1.2; all but
 * `maxRetries` are additions to it):
 *
 *     charge.timeout = "30s";
 *
 * Assignments beside the function hold for every run. What cannot be used is refused with `INVALID_ARGUMENT`: at the
 * call in workflow code, or, where only the host sees it, by failing the step without an attempt.
 */
export interface StepOptions {
  /** Attempts after the first one: 0, 1, 2, ... or `Infinity`. Default 3, and 0 with `idempotent: false`. */
  readonly maxRetries?: number | undefined;
  /**
   * How long an attempt may take without an end or a `heartbeat()`: a duration like `"30s"`, or milliseconds. Then its
   * signal is aborted and it has failed with `StepTimeoutError`. Default: without an end.
   */
  readonly timeout?: StringValue | number | undefined;
  /** How long to wait between attempts. Default: 100 ms, doubling up to 1 s. `RetryableError.retryAfter` wins. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * False: the body is started at most once, whatever happens. An error is not retried, and a step whose process dies
   * fails with `StepOutcomeUnknownError`. Default true.
   */
  readonly idempotent?: boolean | undefined;
}

export interface BackoffOptions {
  /** Before the second attempt: a duration, or milliseconds. Default 100 ms, or `max` where that is shorter. */
  readonly initial?: StringValue | number | undefined;
  /** How many times as long each wait is as the one before; at least 1. Default 2. */
  readonly factor?: number | undefined;
  /** The longest wait: a duration, or milliseconds. Default 1 minute, or `initial` where that is longer. */
  readonly max?: StringValue | number | undefined;
}

/** A function that people have assigned options to; what they assigned is not checked yet. */
export type WithOptions = { readonly [K in keyof StepOptions]?: unknown };

/** Without options of its own. */
export const DEFAULT_BACKOFF: Backoff = { initial: 100, factor: 2, max: 1_000 };

const LONGEST_DEFAULT = 60_000;

/**
 * What the options of a step function come to; undefined when it has none. `step` names it in errors.
 * @throws `WorkflowError` `INVALID_ARGUMENT` for an option that cannot be used.
 */
export function settingsFrom(step: string, fn: WithOptions): StepSettings | undefined {
  const { maxRetries, timeout, backoff, idempotent } = fn;
  if (maxRetries === undefined && timeout === undefined && backoff === undefined && idempotent === undefined)
    return undefined;
  const settings: StepSettings = {
    ...(maxRetries !== undefined && { maxRetries: retriesIn(step, maxRetries) }),
    ...(timeout !== undefined && { timeout: timeoutIn(step, timeout) }),
    ...(backoff !== undefined && { backoff: backoffIn(step, backoff) }),
    ...(isOnce(step, idempotent) && { idempotent: false }),
  };
  if (settings.idempotent === false && (settings.maxRetries ?? 0) > 0)
    throw invalid(step, "maxRetries", maxRetries, "0 or nothing, because `idempotent` is false: it is never retried");
  return settings;
}

function retriesIn(step: string, given: unknown): number {
  // Settings are stored as JSON, which has no infinity.
  if (given === Infinity) return Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(given) && (given as number) >= 0) return given as number;
  throw invalid(step, "maxRetries", given, "0, a positive integer or Infinity");
}

function timeoutIn(step: string, given: unknown): number {
  const timeout = durationIn(given);
  if (timeout !== undefined && timeout > 0) return timeout;
  throw invalid(step, "timeout", given, 'a duration such as "30s", or milliseconds above 0');
}

function backoffIn(step: string, given: unknown): Backoff {
  if (typeof given !== "object" || given === null)
    throw invalid(step, "backoff", given, 'an object such as { initial: "1s", factor: 2, max: "1m" }');
  const { initial, factor = 2, max } = given as { readonly [K in keyof BackoffOptions]?: unknown };
  const first = waitIn(step, "backoff.initial", initial);
  const longest = waitIn(step, "backoff.max", max);
  if (typeof factor !== "number" || !Number.isFinite(factor) || factor < 1)
    throw invalid(step, "backoff.factor", factor, "a number from 1 on");
  if (first !== undefined && longest !== undefined && first > longest)
    throw invalid(step, "backoff.initial", initial, "a duration that is no longer than `backoff.max`");
  return {
    initial: first ?? Math.min(DEFAULT_BACKOFF.initial, longest ?? Infinity),
    factor,
    max: longest ?? Math.max(LONGEST_DEFAULT, first ?? 0),
  };
}

function waitIn(step: string, property: string, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const wait = durationIn(given);
  if (wait !== undefined && wait >= 0) return wait;
  throw invalid(step, property, given, 'a duration such as "1s", or milliseconds from 0 on');
}

function isOnce(step: string, given: unknown): boolean {
  if (given === undefined || typeof given === "boolean") return given === false;
  throw invalid(step, "idempotent", given, "true or false");
}

/** In whole milliseconds, rounded up; undefined when it is no duration. */
function durationIn(given: unknown): number | undefined {
  if (typeof given === "number") return Number.isFinite(given) ? Math.ceil(given) : undefined;
  if (typeof given !== "string") return undefined;
  try {
    return Math.ceil(parseDuration(given));
  } catch {
    return undefined;
  }
}

function invalid(step: string, property: string, given: unknown, accepted: string): WorkflowError {
  const shown = typeof given === "string" ? JSON.stringify(given) : shownType(given);
  return new WorkflowError(
    "INVALID_ARGUMENT",
    `The ${property} of step ${step} is ${shown}. It may be ${accepted}. Correct the assignment to the step function`,
  );
}

function shownType(given: unknown): string {
  if (given === null || typeof given === "number" || typeof given === "boolean") return String(given);
  return typeof given === "object" ? "an object" : `a ${typeof given}`;
}
