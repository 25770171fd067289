import type { Surroundings } from "./draft-turn.ts";
import { judgeInterruption } from "./interruption.ts";
import type { RunLoopParts } from "./parts.ts";
import { isShareable, isStepRegistered, policyOf } from "./step-functions.ts";
import type { StepRunner } from "./step-runner.ts";

/** What a turn that is drafted now may count on. */
export function surroundingsOf({ world, engineSteps }: RunLoopParts, steps: StepRunner): Surroundings {
  return {
    now: world.clock.now(),
    takeSlot: (start) => steps.take(start),
    mayOffer: (stepName) => steps.mayOffer && isShareable(stepName),
    isRegistered: (stepName) => isStepRegistered(stepName, engineSteps),
    isOnce: (step) => policyOf(step).isOnce,
    interruptionOf: (step) => judgeInterruption(step.attempt, policyOf(step)),
  };
}
