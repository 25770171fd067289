import type { Step } from "../world/entities.ts";
import { FatalError } from "../world/errors.ts";
import { StepOutcomeUnknownError } from "../world/step-errors.ts";
import type { StepPolicy } from "./step-policy.ts";

/**
 * How a step starts: `fresh`, or after its process died while it ran. `again`: it has more attempts after this one.
 * `last`: it has none.
 */
export type Start = "fresh" | "again" | "last";

/** What may be done with a step whose process died. `exhausted`, `unknown`: nothing but to give it up. */
export type Interruption = "again" | "last" | "exhausted" | "unknown";

/** Judges a step whose process died in its attempt number `attempt`. */
export function judgeInterruption(
  attempt: number,
  { maxRetries, isOnce }: Pick<StepPolicy, "maxRetries" | "isOnce">,
): Interruption {
  if (isOnce) return "unknown";
  if (attempt > maxRetries) return "exhausted";
  return attempt === maxRetries ? "last" : "again";
}

/** What a step that is given up fails with; undefined when it may run again. */
export function givenUpError(interruption: Interruption, step: Step): Error | undefined {
  switch (interruption) {
    case "unknown":
      return new StepOutcomeUnknownError(step);
    case "exhausted":
      return new FatalError(
        `Step ${step.stepName} (${step.stepId}) was started ${step.attempt} times and its process died each time`,
      );
    default:
      return undefined;
  }
}
