import type { Step } from "../world/entities.ts";
import { cancelFlow } from "../streams/pump.ts";
import { executeStep, type StepOutcome } from "./execute-step.ts";
import type { Start } from "./interruption.ts";
import { type LiveRun, type LocalSteps, metadataOf } from "./live-run.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { createStepStreams } from "./step-streams.ts";
import { createSlots, type Slots } from "./slots.ts";

/** The step bodies of this process: places for them, and what came out that no history has yet. */
export class StepRunner {
  readonly #parts: RunLoopParts;
  readonly #counts: WorkerCounts;
  readonly #slots: Slots;
  readonly #local = new Map<string, LocalSteps>();
  /** A body has ended, or there is a place for one: the run has something to do. False when it is not live. */
  readonly #wake: (runId: string) => boolean;
  #stopping = false;
  #onIdle = (): void => {};

  constructor(parts: RunLoopParts, counts: WorkerCounts, wake: (runId: string) => boolean) {
    this.#parts = parts;
    this.#counts = counts;
    this.#slots = createSlots(parts.concurrency);
    this.#wake = wake;
  }

  /** The bodies of a run. They outlive its live run. */
  stepsOf(runId: string): LocalSteps {
    const known = this.#local.get(runId) ?? {
      executing: new Map<string, Start | undefined>(),
      finished: [],
      over: false,
    };
    this.#local.set(runId, known);
    return known;
  }

  /** The run is not live any more. What its bodies come to that no history has is kept for whoever opens it next. */
  forget(runId: string): void {
    const local = this.#local.get(runId);
    if (local?.executing.size === 0 && local.finished.length === 0) this.#local.delete(runId);
  }

  /** The run has ended. */
  discard(local: LocalSteps): void {
    local.over = true;
    for (const outcome of local.finished.splice(0)) dropResult(outcome);
  }

  /** Steps of the engine only wait for the World, some of them for as long as another run lasts: they need no place. */
  take(start: Start | undefined): boolean {
    return !this.#stopping && (start === undefined || this.#slots.take(start));
  }

  /** A body that has its place and was not begun. */
  cancel(run: LiveRun, step: Step): void {
    this.#free(run.local, step.stepId);
    // The run may have been opened anew meanwhile, and have left the step alone as one that runs.
    this.#wake(run.lease.runId);
  }

  async execute(run: LiveRun, step: Step): Promise<void> {
    const { local } = run;
    const { runId } = run.lease;
    const { stepName, stepId, attempt } = step;
    this.#counts.stepsExecuted += 1;
    const { world, handles, engineSteps } = this.#parts;
    const context = {
      step: { stepName, stepId, stepStartedAt: step.updatedAt, attempt },
      workflow: metadataOf(run),
      streams: createStepStreams(world, runId),
    };
    const outcome = await executeStep(step, context, handles, engineSteps);
    if (local.over) dropResult(outcome);
    else local.finished.push(outcome);
    this.#free(local, stepId);
    // The run may have been opened anew since the body began.
    if (!this.#wake(runId)) this.forget(runId);
  }

  #free(local: LocalSteps, stepId: string): void {
    const start = local.executing.get(stepId);
    local.executing.delete(stepId);
    if (start !== undefined) this.#slots.free(start);
    if (this.#slots.inUse === 0) this.#onIdle();
    this.offer();
  }

  /** The run has a step that waits for a place. */
  wait(runId: string, start: Start): void {
    this.#slots.wait(runId, start);
    this.offer();
  }

  /** Wakes the run that has waited longest for a place that is free: also when another one did not take it. */
  offer(): void {
    if (this.#stopping) return;
    for (let runId = this.#slots.nextWaiting(); runId !== undefined; runId = this.#slots.nextWaiting()) {
      if (this.#wake(runId)) return;
    }
  }

  /** Begins no more bodies. Resolves when none runs, or after the grace period. */
  stop(): Promise<void> {
    this.#stopping = true;
    if (this.#slots.inUse === 0) return Promise.resolve();
    const { world, graceMs } = this.#parts;
    return new Promise((resolve) => {
      const cancel = world.clock.delay(graceMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What a body came to is not wanted any more. */
export function dropResult(outcome: StepOutcome): void {
  if (outcome.kind === "completed") cancelFlow(outcome.streams, `The result of step ${outcome.stepId} came too late`);
}
