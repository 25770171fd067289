import type { Handles } from "../../serialization/serialize.ts";
import { UnavailableInWorkflowContextError } from "../../world/errors.ts";
import type { RunContext } from "./context.ts";
import { streamHandle } from "./globals/streams.ts";
import { controllerOf } from "./globals/abort-controller.ts";
import type { AbortSignal } from "./globals/abort-signal.ts";
import { reviveSignal } from "./revive-signal.ts";
import { RealmRun } from "./run.ts";
import { createStepProxy } from "./step.ts";

/** How references inside payloads come alive in the realm. */
export function realmHandles(run: RunContext): Handles {
  return {
    step: (stepId, closureVars, bound) =>
      createStepProxy(run.bridge, stepId, {
        ...(closureVars !== undefined && { closureVars: () => closureVars }),
        ...(bound !== undefined && { bound }),
      }),
    workflow: (workflowId) => run.workflows.get(workflowId) ?? Object.assign(() => {}, { workflowId }),
    run: (runId) => new RealmRun(runId),
    stream: (data) => streamHandle({ runId: run.runId, ...data }),
    class: (classId) => run.classes.get(classId),
    respond: () => {
      throw new UnavailableInWorkflowContextError("request.respondWith", run.workflowName);
    },
    signal: (data) => reviveSignal(run, data),
    controller: (signal) => controllerOf(signal as AbortSignal),
  };
}
