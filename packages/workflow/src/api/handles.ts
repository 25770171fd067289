import { registeredClasses, registeredSteps } from "../compiler/registration.ts";
import { FETCH_STEP } from "../replay/engine-steps.ts";
import { bindStep, type Handles } from "../serialization/serialize.ts";
import { controllerOf, makeSignal } from "../worker/host-signals.ts";
import { StepNotRegisteredError } from "../world/errors.ts";
import { fetch } from "./outside.ts";

/** How references inside payloads come alive on the host. */
export const createHandles = (own: Pick<Handles, "respond" | "run" | "stream">): Handles => ({
  ...own,
  step: (stepId, closureVars, bound) => {
    const step = stepFunction(stepId, closureVars);
    return bound === undefined ? step : bindStep(step, bound);
  },
  workflow: (workflowId) => {
    const reference = (): never => {
      throw new Error(`${workflowId} is a reference to a workflow. Use start(reference, args) from "workflow/api"`);
    };
    return Object.assign(reference, { workflowId });
  },
  class: (classId) => registeredClasses().get(classId),
  // As it was when it was written: only in a step does anybody hear of what comes later.
  signal: (data) => makeSignal(data).signal,
  controller: controllerOf,
});

function stepFunction(stepId: string, closureVars: Record<string, unknown> | undefined): (...args: never[]) => unknown {
  if (stepId === FETCH_STEP) return fetch;
  const step = registeredSteps().get(stepId);
  if (step !== undefined) return "fn" in step ? step.fn : step.bind(closureVars ?? {});
  const missing = (): never => {
    throw new StepNotRegisteredError(stepId);
  };
  return Object.assign(missing, { stepId });
}
