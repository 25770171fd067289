import type { StepFunction } from "../compiler/registration.ts";
import { FETCH_STEP, RUN_READS, runStepName } from "../replay/engine-steps.ts";
import type { EngineSteps } from "../worker/step-functions.ts";
import type { World } from "../world/world.ts";
import { fetch } from "./outside.ts";
import { type CancelRunOptions, resultOf, Run, type StopSleepOptions } from "./run.ts";

/** What a run in workflow code does on the host, and `fetch`. Waiting for a result ends with `stopped`. */
export function createRunSteps(world: World, stopped: AbortSignal): EngineSteps {
  const runOf = (runId: string): Run => new Run(runId, () => Promise.resolve(world));
  const steps = new Map<string, StepFunction>();
  for (const read of RUN_READS) steps.set(runStepName(read), (runId) => runOf(runId as string)[read]);
  steps.set(runStepName("returnValue"), (runId) => resultOf(world, runId as string, stopped));
  steps.set(runStepName("cancel"), (runId, options) => runOf(runId as string).cancel(options as CancelRunOptions));
  steps.set(runStepName("wakeUp"), (runId, options) => runOf(runId as string).wakeUp(options as StopSleepOptions));
  steps.set(FETCH_STEP, (input, init) => fetch(input as Request, init as RequestInit));
  return steps;
}
