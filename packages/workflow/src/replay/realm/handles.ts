import type { Handles } from "../../serialization/serialize.ts";
import { UnavailableInWorkflowContextError } from "../../world/errors.ts";
import type { Bridge } from "./bridge.ts";
import type { RunContext } from "./context.ts";
import { RealmRun } from "./run.ts";
import { createStepProxy } from "./step.ts";

let theBridge: Bridge | undefined;

/** Called once per realm, before any run. */
export function setHandleBridge(bridge: Bridge): void {
  theBridge = bridge;
}

/** How references inside payloads come alive in the realm. */
export function realmHandles(run: RunContext): Handles {
  return {
    step: (stepId, closureVars) =>
      createStepProxy(theBridge as Bridge, stepId, closureVars === undefined ? undefined : () => closureVars),
    workflow: (workflowId) => run.workflows.get(workflowId) ?? Object.assign(() => {}, { workflowId }),
    run: (runId) => new RealmRun(runId),
    respond: () => {
      throw new UnavailableInWorkflowContextError("request.respondWith", run.workflowName);
    },
  };
}
