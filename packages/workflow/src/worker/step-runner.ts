import type { Step } from "../world/entities.ts";
import { WorkflowError } from "../world/errors.ts";
import { Attempt } from "./attempt.ts";
import { dropResult } from "./drop-result.ts";
import { executeStep, type StepOutcome } from "./execute-step.ts";
import type { Start } from "./interruption.ts";
import type { LiveRun, LocalSteps } from "./live-run.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { type EndedRun, endReason } from "./run-end.ts";
import { type Places, SharedSteps } from "./shared-steps.ts";
import { createSlots, type Slots } from "./slots.ts";
import { StepSurroundings } from "./step-surroundings.ts";

/** The step bodies of this process: places for them, and what came out that no history has yet. */
export class StepRunner {
  readonly #parts: RunLoopParts;
  readonly #counts: WorkerCounts;
  readonly #slots: Slots;
  /** Undefined where the World does not share steps. */
  readonly shared: SharedSteps | undefined;
  readonly #local = new Map<string, LocalSteps>();
  /** A body has ended, or there is a place for one: the run has something to do. False when it is not live. */
  readonly #wake: (runId: string) => boolean;
  /** The same, where the inbox has what the body came to. */
  readonly #notice: (runId: string) => boolean;
  /** Whether the run is about to be live, with the bodies that it has. */
  readonly #isOpening: (runId: string) => boolean;
  #stopping = false;
  #stopped = false;
  #onIdle = (): void => {};

  constructor(
    parts: RunLoopParts,
    counts: WorkerCounts,
    { wake, notice, isOpening }: Record<"wake" | "notice" | "isOpening", (runId: string) => boolean>,
  ) {
    this.#parts = parts;
    this.#counts = counts;
    this.#slots = createSlots(parts.concurrency);
    this.#wake = wake;
    this.#notice = notice;
    this.#isOpening = isOpening;
    const { offers } = parts.world;
    this.shared = offers === null ? undefined : new SharedSteps(parts, counts, offers, this.#placesToShare());
  }

  /** The bodies of a run. They outlive its live run. */
  stepsOf(runId: string): LocalSteps {
    const known = this.#local.get(runId) ?? {
      executing: new Map<string, Start | undefined>(),
      bodies: new Set<Attempt>(),
      finished: [],
      recorded: new Set<string>(),
      over: false,
    };
    this.#local.set(runId, known);
    return known;
  }

  /** The run is not live any more. What its bodies come to that no history has is kept for whoever opens it next. */
  forget(runId: string): void {
    if (this.#isOpening(runId)) return;
    const local = this.#local.get(runId);
    if (local?.executing.size === 0 && local.finished.length === 0) this.#local.delete(runId);
  }

  /** The run has ended: nobody waits for its bodies. */
  discard(local: LocalSteps, run: EndedRun): void {
    local.over = true;
    for (const outcome of local.finished.splice(0)) dropResult(outcome);
    for (const body of local.bodies) body.abort(endReason(run));
  }

  /** The same for a run that is not live. */
  end(run: EndedRun): void {
    this.discard(this.stepsOf(run.runId), run);
    this.forget(run.runId);
  }

  /** The run is being cancelled: its code does not wait for the bodies any more, and cleans up after them. */
  interrupt(local: LocalSteps, reason: Error): void {
    for (const body of local.bodies) body.abort(reason);
  }

  /** The run begins anew: what its bodies still come to is nobody's. */
  renew(runId: string): void {
    this.#local.delete(runId);
  }

  #placesToShare(): Places {
    return {
      reserve: (want) => {
        let reserved = 0;
        while (reserved < want && this.take("fresh")) reserved += 1;
        return reserved;
      },
      free: (places) => {
        for (let n = 0; n < places; n += 1) this.#free("fresh");
      },
    };
  }

  /** Whether a body has a place: of a run that is live, or was, or of another worker. */
  get isBusy(): boolean {
    return this.#slots.inUse > 0;
  }

  /** Whether other workers may run what there is no place for here. */
  get mayOffer(): boolean {
    return this.shared?.mayOffer === true;
  }

  /** Steps of the engine only wait for the World, some of them for as long as another run lasts: they need no place. */
  take(start: Start | undefined): boolean {
    return !this.#stopping && (start === undefined || this.#slots.take(start));
  }

  /** A body that has its place and was not begun. */
  cancel(run: LiveRun, step: Step): void {
    const start = run.local.executing.get(step.stepId);
    run.local.executing.delete(step.stepId);
    this.#free(start);
    // The run may have been opened anew meanwhile, and have left the step alone as one that runs.
    this.#wake(run.lease.runId);
  }

  async execute(run: LiveRun, step: Step): Promise<void> {
    const { local } = run;
    const { runId } = run.lease;
    const { world, handles, engineSteps } = this.#parts;
    this.#counts.stepsExecuted += 1;
    const start = local.executing.get(step.stepId);
    const attempt = new Attempt(step, world.clock);
    local.bodies.add(attempt);
    const { outcome, ended } = executeStep(new StepSurroundings(attempt, run, world, handles), engineSteps);
    const came = await outcome;
    if (came.kind !== "elsewhere") this.#keep(local, came);
    // A turn that has read the inbox before must not take the step for one that is to begin.
    else if (came.isRecorded) local.recorded.add(step.stepId);
    if (attempt.isRunning) {
      void ended.then(dropResult);
      await this.#outlast(runId, ended);
    }
    local.executing.delete(step.stepId);
    if (attempt.isRunning) void ended.then(() => this.#leave(local, attempt, start));
    else this.#leave(local, attempt, start);
    // The run may have been opened anew since the body began.
    const isLive = came.kind === "elsewhere" ? this.#notice(runId) : this.#wake(runId);
    if (!isLive) this.forget(runId);
  }

  #leave(local: LocalSteps, body: Attempt, start: Start | undefined): void {
    local.bodies.delete(body);
    this.#free(start);
  }

  #keep(local: LocalSteps, outcome: StepOutcome): void {
    // A body that fails because its worker has stopped has not failed: it runs again elsewhere.
    const isCutOff = this.#stopped && outcome.kind === "failed";
    if (local.over || isCutOff) dropResult(outcome);
    else local.finished.push(outcome);
  }

  /**
   * A body goes on after its time. Its failure is for the run at once; the next attempt waits for its end, but not
   * longer than the grace period. Its place stays taken in any case.
   */
  async #outlast(runId: string, ended: Promise<unknown>): Promise<void> {
    this.#wake(runId);
    const { world, graceMs } = this.#parts;
    const patience = Promise.withResolvers<void>();
    const cancel = world.clock.delay(graceMs, patience.resolve);
    await Promise.race([ended, patience.promise]);
    cancel();
  }

  #free(start: Start | undefined): void {
    if (start !== undefined) this.#slots.free(start);
    if (this.#slots.inUse === 0) this.#onIdle();
    this.offer();
    this.shared?.placeMade();
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

  /** Begins no more bodies. Resolves when none runs, or after the grace period, with which it aborts those that do. */
  stop(): Promise<void> {
    this.#stopping = true;
    this.shared?.stop();
    if (this.#slots.inUse === 0) return Promise.resolve();
    const { world, graceMs } = this.#parts;
    return new Promise((resolve) => {
      const cancel = world.clock.delay(graceMs, () => {
        this.#abort();
        resolve();
      });
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }

  /** The bodies that the grace period was not enough for. */
  #abort(): void {
    this.#stopped = true;
    for (const { bodies } of this.#local.values()) for (const body of bodies) body.abort(stoppedError(body.step));
    this.shared?.abort(({ step }) => stoppedError(step));
  }
}

function stoppedError({ stepName, stepId }: Step): WorkflowError {
  return new WorkflowError(
    "WORKER_STOPPED",
    `The worker that runs step ${stepName} (${stepId}) has stopped, and takes no result of it any more. ` +
      "The next worker goes on with the run",
  );
}
