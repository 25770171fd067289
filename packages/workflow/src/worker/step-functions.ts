import { registeredSteps, type StepFunction } from "../compiler/registration.ts";
import type { Step } from "../world/entities.ts";
import { StepNotRegisteredError } from "../world/errors.ts";
import { currentDeployment } from "./deployment.ts";
import { DEFAULT_MAX_RETRIES } from "./retry.ts";

export function isStepRegistered(stepName: string): boolean {
  return registeredSteps().has(stepName);
}

/** Has the deployed code register a step. Resolves with why that cannot be, or with undefined. */
export async function loadStep(stepName: string): Promise<Error | undefined> {
  try {
    if (!isStepRegistered(stepName)) await currentDeployment()?.loadStep(stepName);
  } catch (error) {
    return new StepNotRegisteredError(stepName, { cause: error });
  }
  return isStepRegistered(stepName) ? undefined : new StepNotRegisteredError(stepName);
}

/** @throws `StepNotRegisteredError` */
export function stepFunction(stepName: string, closureVars: Record<string, unknown> | undefined): StepFunction {
  const step = registeredSteps().get(stepName);
  if (step === undefined) throw new StepNotRegisteredError(stepName);
  return "fn" in step ? step.fn : step.bind(closureVars ?? {});
}

/** How often a step may be attempted at all: what its function says where that is at hand, else what its call said. */
export async function attemptLimit(step: Step): Promise<number> {
  await loadStep(step.stepName);
  const registered = registeredSteps().get(step.stepName);
  const own = registered !== undefined && "fn" in registered ? registered.fn.maxRetries : undefined;
  return (own ?? step.maxRetries ?? DEFAULT_MAX_RETRIES) + 1;
}
