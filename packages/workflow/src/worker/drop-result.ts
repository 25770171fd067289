import { cancelFlow } from "../streams/pump.ts";
import type { Elsewhere, StepOutcome } from "./execute-step.ts";

/** What a body came to is not wanted any more. */
export function dropResult(outcome: StepOutcome | Elsewhere): void {
  if (outcome.kind === "completed") cancelFlow(outcome.streams, `The result of step ${outcome.stepId} came too late`);
}
