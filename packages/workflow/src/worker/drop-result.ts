import { cancelFlow } from "../streams/pump.ts";
import type { StepOutcome } from "./execute-step.ts";

/** What a body came to is not wanted any more. */
export function dropResult(outcome: StepOutcome): void {
  if (outcome.kind === "completed") cancelFlow(outcome.streams, `The result of step ${outcome.stepId} came too late`);
}
