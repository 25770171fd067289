/** Where compiled host code puts its steps, and where workers find them. */

const STEPS = Symbol.for("workflow.steps");

export interface StepFunction {
  (...args: unknown[]): unknown;
  /** Retries after the first attempt; the worker's default is 3. */
  maxRetries?: number;
  stepId?: string;
}

export type RegisteredStep =
  | { readonly fn: StepFunction }
  /** Of a nested step: makes the function from the values that its body captured. */
  | { readonly bind: (closureVars: Record<string, unknown>) => StepFunction };

/** The steps of the modules that this process has loaded, by step id. One map per process. */
export function registeredSteps(): Map<string, RegisteredStep> {
  const existing = Reflect.get(globalThis, STEPS) as Map<string, RegisteredStep> | undefined;
  if (existing !== undefined) return existing;
  const steps = new Map<string, RegisteredStep>();
  Reflect.set(globalThis, STEPS, steps);
  return steps;
}
