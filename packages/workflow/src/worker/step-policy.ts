import { isEngineStep } from "../replay/engine-steps.ts";
import type { Step } from "../world/entities.ts";
import type { Backoff } from "../world/events.ts";
import { DEFAULT_BACKOFF, settingsFrom, type WithOptions } from "../world/step-options.ts";

/** How the attempts of a step are made. */
export interface StepPolicy {
  readonly maxRetries: number;
  /** Of an attempt, without a heartbeat; milliseconds. */
  readonly timeout: number | undefined;
  readonly backoff: Backoff;
  /** Whether the body may be started only once. */
  readonly isOnce: boolean;
}

export type JudgedPolicy =
  | { readonly status: "valid"; readonly policy: StepPolicy }
  /** The options of the function cannot be used. `policy` is what the call said. */
  | { readonly status: "invalid"; readonly policy: StepPolicy; readonly error: unknown };

/** Retries after the first attempt, unless the options of the step say otherwise (contract 01 section 1.2). */
const DEFAULT_MAX_RETRIES = 3;

/** Steps of the engine ask the World until it answers. */
const OF_ENGINE: JudgedPolicy = {
  status: "valid",
  policy: { maxRetries: Infinity, timeout: undefined, backoff: DEFAULT_BACKOFF, isOnce: false },
};

/** Where neither says anything. */
const USUAL: JudgedPolicy = { status: "valid", policy: policyFrom({}) };

/**
 * What holds for a step: what its function says where that is at hand, else what its call said. Only at most once stays
 * when either says so: a step that was called or started under that promise keeps it.
 */
export function judgePolicy(step: Step, fn: WithOptions | undefined): JudgedPolicy {
  if (isEngineStep(step.stepName)) return OF_ENGINE;
  try {
    const own = fn === undefined ? undefined : settingsFrom(step.stepName, fn);
    if (own === undefined && step.settings === undefined) return USUAL;
    return { status: "valid", policy: policyFrom({ ...step.settings, ...own }) };
  } catch (error) {
    return { status: "invalid", policy: policyFrom(step.settings ?? {}), error };
  }
}

function policyFrom({ maxRetries, timeout, backoff, idempotent }: NonNullable<Step["settings"]>): StepPolicy {
  const isOnce = idempotent === false;
  return {
    maxRetries: isOnce ? 0 : (maxRetries ?? DEFAULT_MAX_RETRIES),
    timeout,
    backoff: backoff ?? DEFAULT_BACKOFF,
    isOnce,
  };
}
