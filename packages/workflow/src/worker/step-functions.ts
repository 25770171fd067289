import { registeredSteps, type StepFunction } from "../compiler/registration.ts";
import { isEngineStep } from "../replay/engine-steps.ts";
import type { Step } from "../world/entities.ts";
import { StepNotRegisteredError } from "../world/errors.ts";
import { currentDeployment } from "./deployment.ts";
import { DEFAULT_MAX_RETRIES } from "./retry.ts";

/**
 * The bodies of the steps that are the engine's own, by name. Those that ask the World for something (`isEngineStep`)
 * have its answer as their result, also when that is an error, and are tried until it answers.
 */
export type EngineSteps = ReadonlyMap<string, StepFunction>;

export function isStepRegistered(stepName: string, engineSteps: EngineSteps): boolean {
  return engineSteps.has(stepName) || registeredSteps().has(stepName);
}

/** Has the deployed code register a step. Resolves with why that cannot be, or with undefined. */
export async function loadStep(stepName: string): Promise<Error | undefined> {
  try {
    if (!registeredSteps().has(stepName)) await currentDeployment()?.loadStep(stepName);
  } catch (error) {
    return new StepNotRegisteredError(stepName, { cause: error });
  }
  return registeredSteps().has(stepName) ? undefined : new StepNotRegisteredError(stepName);
}

/** @throws `StepNotRegisteredError` */
export function stepFunction(
  stepName: string,
  closureVars: Record<string, unknown> | undefined,
  engineSteps: EngineSteps,
): StepFunction {
  const own = engineSteps.get(stepName);
  if (own !== undefined) return own;
  const step = registeredSteps().get(stepName);
  if (step === undefined) throw new StepNotRegisteredError(stepName);
  return "fn" in step ? step.fn : step.bind(closureVars ?? {});
}

/** How often a step may be attempted at all: what its function says where that is at hand, else what its call said. */
export async function attemptLimit(step: Step): Promise<number> {
  if (isEngineStep(step.stepName)) return Infinity;
  await loadStep(step.stepName);
  const registered = registeredSteps().get(step.stepName);
  const own = registered !== undefined && "fn" in registered ? registered.fn.maxRetries : undefined;
  return (own ?? step.settings?.maxRetries ?? DEFAULT_MAX_RETRIES) + 1;
}
