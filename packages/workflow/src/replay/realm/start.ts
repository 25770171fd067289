import { startStepName } from "../engine-steps.ts";
import { startArguments } from "../start-arguments.ts";
import { invalidWorkflow, workflowIdOf } from "../workflow-reference.ts";
import { callingRun } from "./context.ts";
import { createStepProxy } from "./step.ts";
import type { RealmRun } from "./run.ts";

/** Starts another run: a step whose result is the handle. `start(workflow, args?, options?)` or `start(workflow, options?)`. */
export async function start(
  workflow: unknown,
  argsOrOptions: readonly unknown[] | object = [],
  maybeOptions: object = {},
): Promise<RealmRun> {
  const workflowId = workflowIdOf(workflow);
  if (workflowId === undefined) throw invalidWorkflow("start", workflow);
  const [args, options] = startArguments(argsOrOptions, maybeOptions);
  const step = createStepProxy(callingRun().bridge, startStepName());
  return step({ workflowId }, args, options) as Promise<RealmRun>;
}
