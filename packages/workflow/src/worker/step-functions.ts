import { registeredSteps, type StepFunction } from "../compiler/registration.ts";
import type { Step } from "../world/entities.ts";
import { StepNotRegisteredError } from "../world/errors.ts";
import { currentDeployment } from "./deployment.ts";
import { judgePolicy, type StepPolicy } from "./step-policy.ts";

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
  return "fn" in step ? (step.within ?? step.fn) : step.bind(closureVars ?? {});
}

/** Whether the body of a step takes a client first, within a transaction that its result is part of. */
export function isTransactional(stepName: string): boolean {
  const registered = registeredSteps().get(stepName);
  return registered !== undefined && "fn" in registered && registered.within !== undefined;
}

/** Whether another worker than the owner of the run may run it: the transaction of a step depends on the lease. */
export function isShareable(stepName: string): boolean {
  return !isTransactional(stepName);
}

/** What holds for a step. What is wrong with its options is said when it runs. */
export function policyOf(step: Step): StepPolicy {
  const registered = registeredSteps().get(step.stepName);
  return judgePolicy(step, registered !== undefined && "fn" in registered ? registered.fn : undefined).policy;
}
