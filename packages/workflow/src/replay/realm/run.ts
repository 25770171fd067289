import type { RunStatus } from "../../world/entities.ts";
import type {
  WorkflowReadableStream,
  WorkflowReadableStreamOptions,
  WorkflowRunWritableStreamOptions,
} from "../../world/run-streams.ts";
import { runStepName, type RunStep } from "../engine-steps.ts";
import type { ConflictingRun } from "../primitives.ts";
import { callingRun } from "./context.ts";
import { readableHandle, writableHandle } from "./run-streams.ts";
import { createStepProxy } from "./step.ts";

type CancelOptions = NonNullable<Parameters<ConflictingRun["cancel"]>[0]>;
type WakeUpOptions = NonNullable<Parameters<ConflictingRun["wakeUp"]>[0]>;

/** A run as workflow code holds it: whatever it does is a step. */
export class RealmRun implements ConflictingRun {
  readonly runId: string;

  constructor(runId: string) {
    this.runId = runId;
    Object.defineProperty(this, Symbol.for("workflow.run"), { value: true });
  }

  #call<T>(step: RunStep, ...options: unknown[]): Promise<T> {
    return createStepProxy(callingRun().bridge, runStepName(step))(this.runId, ...options) as Promise<T>;
  }

  get status(): Promise<RunStatus> {
    return this.#call("status");
  }

  get exists(): Promise<boolean> {
    return this.#call("exists");
  }

  get workflowName(): Promise<string> {
    return this.#call("workflowName");
  }

  get createdAt(): Promise<Date> {
    return this.#call("createdAt");
  }

  get startedAt(): Promise<Date | undefined> {
    return this.#call("startedAt");
  }

  get completedAt(): Promise<Date | undefined> {
    return this.#call("completedAt");
  }

  /** The World gives the step its outcome once the run has ended: nobody waits in between. */
  get returnValue(): Promise<unknown> {
    const name = runStepName("returnValue");
    return createStepProxy(callingRun().bridge, name, { awaits: this.runId })(this.runId);
  }

  get readable(): WorkflowReadableStream {
    return this.getReadable();
  }

  get writable(): WritableStream {
    return this.getWritable();
  }

  getReadable<R>(options?: WorkflowReadableStreamOptions): WorkflowReadableStream<R> {
    return readableHandle(this.runId, options) as WorkflowReadableStream<R>;
  }

  getWritable<W>(options?: WorkflowRunWritableStreamOptions): WritableStream<W> {
    return writableHandle(this.runId, options) as WritableStream<W>;
  }

  cancel({ cancelReason }: CancelOptions = {}): Promise<void> {
    return this.#call("cancel", { cancelReason });
  }

  wakeUp({ correlationIds }: WakeUpOptions = {}): ReturnType<ConflictingRun["wakeUp"]> {
    return this.#call("wakeUp", { correlationIds: correlationIds && [...correlationIds] });
  }
}
