import type { BoundValues, Handles, SignalData, StreamData } from "../../serialization/serialize.ts";
import { UnavailableInWorkflowContextError } from "../../world/errors.ts";
import type { RunContext } from "./context.ts";
import { streamHandle } from "./globals/streams.ts";
import { controllerOf } from "./globals/abort-controller.ts";
import type { AbortSignal } from "./globals/abort-signal.ts";
import { reviveSignal } from "./revive-signal.ts";
import { RealmRun } from "./run.ts";
import { createStepProxy, type StepProxy } from "./step.ts";

/** How references inside payloads come alive in the realm. */
export class RealmHandles implements Handles {
  readonly #run: RunContext;

  constructor(run: RunContext) {
    this.#run = run;
  }

  step(stepId: string, closureVars?: Record<string, unknown>, bound?: BoundValues): StepProxy {
    return createStepProxy(this.#run.bridge, stepId, {
      ...(closureVars !== undefined && { closureVars: () => closureVars }),
      ...(bound !== undefined && { bound }),
    });
  }

  workflow(workflowId: string): ReturnType<Handles["workflow"]> {
    return this.#run.workflows.get(workflowId) ?? Object.assign(() => {}, { workflowId });
  }

  run(runId: string): RealmRun {
    return new RealmRun(runId);
  }

  stream(data: StreamData): object {
    return streamHandle({ runId: this.#run.runId, ...data });
  }

  class(classId: string): object | undefined {
    return this.#run.classes.get(classId);
  }

  respond(): never {
    throw new UnavailableInWorkflowContextError("request.respondWith", this.#run.workflowName);
  }

  signal(data: SignalData): object {
    return reviveSignal(this.#run, data);
  }

  controller(signal: object): object {
    return controllerOf(signal as AbortSignal);
  }
}
