import type { StepFunction } from "../compiler/registration.ts";
import { FETCH_STEP, RUN_READS, runStepName, startStepName } from "../replay/engine-steps.ts";
import { fetch, getStepMetadata, getWorkflowMetadata } from "./outside.ts";
import type { EngineSteps } from "../worker/step-functions.ts";
import type { World } from "../world/world.ts";
import { type CancelRunOptions, Run, type StopSleepOptions } from "./run.ts";
import type { StartOptionsWithoutDeploymentId } from "./start-options.ts";
import { start, type WorkflowReference } from "./start.ts";

/** What a run in workflow code does on the host, starting one, and `fetch`. */
export function createRunSteps(world: World): EngineSteps {
  const runOf = (runId: string): Run => new Run(runId, () => Promise.resolve(world));
  const steps = new Map<string, StepFunction>();
  for (const read of RUN_READS) steps.set(runStepName(read), (runId) => runOf(runId as string)[read]);
  steps.set(runStepName("cancel"), (runId, options) => runOf(runId as string).cancel(options as CancelRunOptions));
  steps.set(runStepName("wakeUp"), (runId, options) => runOf(runId as string).wakeUp(options as StopSleepOptions));
  steps.set(FETCH_STEP, (input, init) => fetch(input as Request, init as RequestInit));
  steps.set(startStepName(), (workflow, args, options) =>
    startOnce(world, workflow as WorkflowReference, args as unknown[], options as StartOptionsWithoutDeploymentId),
  );
  return steps;
}

/** A step may run again when its process dies; the run that it starts has a key, so that it is started once. */
function startOnce(
  world: World,
  workflow: WorkflowReference,
  args: unknown[],
  options: StartOptionsWithoutDeploymentId,
): Promise<Run> {
  const ownKey = `${getWorkflowMetadata().workflowRunId}/${getStepMetadata().stepId}`;
  return start(workflow, args, { ...options, world, idempotencyKey: options.idempotencyKey ?? ownKey });
}
