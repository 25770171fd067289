/** Where compiled host code puts its steps and classes, and where workers find them. */
import { processWide } from "../world/process-wide.ts";
import type { WithOptions } from "../world/step-options.ts";

const steps = processWide<Map<string, RegisteredStep>>("workflow.steps");

const classes = processWide<Map<string, object>>("workflow-class-registry");

export interface StepFunction extends WithOptions {
  (...args: unknown[]): unknown;
  stepId?: string;
}

export type RegisteredStep =
  | {
      /** What people have, and assign options to. */
      readonly fn: StepFunction;
      /** Of a transactional step: its body, which takes a client first. */
      readonly within?: StepFunction;
    }
  /** Of a nested step: makes the function from the values that its body captured. */
  | { readonly bind: (closureVars: Record<string, unknown>) => StepFunction };

/** The steps of the modules that this process has loaded, by step id. */
export function registeredSteps(): Map<string, RegisteredStep> {
  return steps.get() ?? steps.set(new Map<string, RegisteredStep>());
}

/** The classes of the modules that this process has loaded and whose values can be stored, by class id. */
export function registeredClasses(): Map<string, object> {
  return classes.get() ?? classes.set(new Map<string, object>());
}
