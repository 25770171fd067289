import { startStepName } from "../engine-steps.ts";
import { invalidWorkflow, workflowIdOf } from "../workflow-reference.ts";
import { callingRun } from "./context.ts";
import { createStepProxy } from "./step.ts";
import type { RealmRun } from "./run.ts";

/** Starts another run: a step whose result is the handle. `start(workflow, args?, options?)` or `start(workflow, options?)`. */
export function start(workflow: unknown, argsOrOptions: unknown = [], maybeOptions: unknown = {}): Promise<RealmRun> {
  const workflowId = workflowIdOf(workflow);
  if (workflowId === undefined) return Promise.reject(invalidWorkflow("start", workflow));
  const [args, options] = Array.isArray(argsOrOptions) ? [argsOrOptions, maybeOptions] : [[], argsOrOptions];
  const step = createStepProxy(callingRun().bridge, startStepName());
  return step({ workflowId }, args, options) as Promise<RealmRun>;
}
