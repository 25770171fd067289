import { isSealed, whySealed } from "../world/decryption.ts";
import { EntityConflictError, WorkflowRunCancelledError } from "../world/errors.ts";
import type { OfferedStep, OfferStore, StepFact } from "../world/offers.ts";
import { isEnded } from "../world/reduce.ts";
import type { World } from "../world/world.ts";
import { registeredSteps } from "../compiler/registration.ts";
import { beginFlow } from "../streams/pump.ts";
import { Attempt } from "./attempt.ts";
import { dropResult } from "./drop-result.ts";
import { executeStep, type StepOutcome } from "./execute-step.ts";
import { factOf, runOfOffered, stepOf } from "./offered-step.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { createPatience } from "./patience.ts";
import { endReason } from "./run-end.ts";
import { isShareable } from "./step-functions.ts";
import { StepSurroundings } from "./step-surroundings.ts";

/** How many steps to take in one write: others want some too. */
const TAKE_BATCH = 64;

/** How long no step is taken after one whose input this process has no key for, in milliseconds. */
const WITHOUT_KEY_MS = 30_000;

/** Places for step bodies, which a worker has for its own runs and for steps that are offered. */
export interface Places {
  /** Takes as many as are free and nobody waits for, at most `want`. */
  reserve(want: number): number;
  free(places: number): void;
}

/**
 * The steps that any worker may run, as far as this one has them; those of its own runs among them. The outcome goes to
 * the run's inbox, whoever owns the run by then.
 */
export class SharedSteps {
  readonly #parts: RunLoopParts;
  readonly #counts: WorkerCounts;
  readonly #offers: OfferStore;
  readonly #places: Places;
  readonly #unsubscribe: () => void;
  /** By the id of the offer. */
  readonly #bodies = new Map<number, { readonly step: OfferedStep; readonly attempt: Attempt }>();
  readonly #patience: ReturnType<typeof createPatience>;
  /** Whether other workers have places. */
  #others = false;
  /** Whether there may be more than this worker had places for. */
  #more = false;
  /** Whether to see which of its own steps the worker has lost, and whether others have places. */
  #checking = false;
  #looking = false;
  #again = false;
  #takesFrom = 0;
  #stopping = false;
  #stopped = false;

  constructor(parts: RunLoopParts, counts: WorkerCounts, offers: OfferStore, places: Places) {
    this.#parts = parts;
    this.#counts = counts;
    this.#offers = offers;
    this.#places = places;
    const { world, onProblem } = parts;
    this.#patience = createPatience(world.clock, { isStopping: () => this.#stopped, onProblem });
    this.#unsubscribe = world.onHint((hint) => {
      if (hint.kind === "offered") this.#lookForMore();
      else if (hint.kind === "ended" && this.#hasStepOf(hint.runId)) this.look();
    });
  }

  /** Whether somebody else may run what this worker has no place for. */
  get mayOffer(): boolean {
    return !this.#stopping && this.#others;
  }

  /** Takes steps that are offered, as far as there are places, and gives up those that nobody waits for any more. */
  look(): void {
    this.#checking = true;
    this.#lookForMore();
  }

  /** A place is free. */
  placeMade(): void {
    if (this.#more) this.#lookForMore();
  }

  #lookForMore(): void {
    this.#more = true;
    this.#again = true;
    if (!this.#looking && !this.#stopping) void this.#lookUntilQuiet();
  }

  /** Takes no more steps. */
  stop(): void {
    this.#stopping = true;
    this.#unsubscribe();
  }

  /** What its bodies fail with from now on means nothing. */
  abort(reason: (attempt: Attempt) => Error): void {
    this.#stopped = true;
    for (const { attempt } of this.#bodies.values()) attempt.abort(reason(attempt));
  }

  #hasStepOf(runId: string): boolean {
    for (const { step } of this.#bodies.values()) if (step.runId === runId) return true;
    return false;
  }

  async #lookUntilQuiet(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        await this.#look();
      }
    } catch {
      // It is tried again with the next sweep. Whoever looks for runs says that the World fails, or joins it again.
    } finally {
      this.#looking = false;
    }
  }

  async #look(): Promise<void> {
    const { world, worker, engineSteps } = this.#parts;
    const mayTake = world.clock.elapsed() >= this.#takesFrom;
    const want = mayTake ? this.#places.reserve(TAKE_BATCH) : 0;
    const checking = this.#checking;
    this.#checking = false;
    if (want === 0 && !checking) return;
    const before = [...this.#bodies.keys()];
    let unused = want;
    try {
      const names = [...registeredSteps().keys(), ...engineSteps.keys()].filter(isShareable);
      const { steps, held, others } = await this.#offers.take(worker, names, want);
      this.#others = others;
      this.#more = steps.length === want;
      this.#again ||= this.#more && want > 0;
      unused -= steps.length;
      for (const step of steps) void this.#begin(step);
      const lost = before.filter((id) => !held.includes(id));
      for (const id of lost) void this.#giveUp(id);
    } finally {
      this.#places.free(unused);
    }
  }

  async #begin(step: OfferedStep): Promise<void> {
    const { world, worker, handles, engineSteps, onProblem } = this.#parts;
    const { input } = step;
    const isReadable = input === undefined || !isSealed(input);
    if (this.#stopping || !isReadable) {
      if (!isReadable) {
        onProblem(`A step of run ${step.runId} is left to others`, whySealed(input));
        this.#takesFrom = world.clock.elapsed() + WITHOUT_KEY_MS;
      }
      await this.#finish(step, null);
      return this.#places.free(1);
    }
    this.#counts.stepsExecuted += 1;
    const attempt = new Attempt(stepOf(step), world.clock);
    this.#bodies.set(step.id, { step, attempt });
    const around = new StepSurroundings(attempt, runOfOffered(step, worker), world, handles);
    const { outcome, ended } = executeStep(around, engineSteps);
    const came = await outcome;
    if (came.kind !== "elsewhere") await this.#deliver(step, attempt, came, ended);
    if (attempt.isRunning) await ended.then(dropResult);
    this.#places.free(1);
  }

  async #deliver(step: OfferedStep, attempt: Attempt, outcome: StepOutcome, ended: Promise<unknown>): Promise<void> {
    const { world } = this.#parts;
    const fact = factOf(outcome, world.clock.now());
    // The next attempt may be made elsewhere: it waits for this body, but not longer than the grace period.
    if (fact.type === "step_retrying" && attempt.isRunning) await this.#outlast(ended);
    this.#bodies.delete(step.id);
    const isCutOff = this.#stopped && outcome.kind === "failed";
    const isTaken = !isCutOff && (await this.#finish(step, fact));
    if (!isTaken) dropResult(outcome);
    else if (outcome.kind === "completed") beginFlow(world, step.runId, outcome.streams);
  }

  async #outlast(ended: Promise<unknown>): Promise<void> {
    const { world, graceMs } = this.#parts;
    const patience = Promise.withResolvers<void>();
    const cancel = world.clock.delay(graceMs, patience.resolve);
    await Promise.race([ended, patience.promise]);
    cancel();
  }

  /** Whether the run gets the outcome; when that is not certain, it is taken to. Never rejects. */
  async #finish(step: OfferedStep, fact: StepFact | null): Promise<boolean> {
    let tries = 0;
    const finished = await this.#patience(step.runId, () => {
      tries += 1;
      return this.#offers.finish(this.#parts.worker, step, fact);
    });
    if (finished.status === "done") return finished.value || tries > 1;
    return finished.inDoubt;
  }

  /** The offer is not this worker's any more. */
  async #giveUp(id: number): Promise<void> {
    const body = this.#bodies.get(id);
    if (body === undefined) return;
    body.attempt.abort(await whyLost(this.#parts.world, body.step));
  }
}

async function whyLost(world: World, { runId, stepName, stepId }: OfferedStep): Promise<Error> {
  const run = await world.runs.get(runId, { resolveData: "none" }).catch(() => undefined);
  if (run !== undefined && isEnded(run)) return endReason(run);
  if (run?.cancelling !== undefined) return new WorkflowRunCancelledError(runId, run.cancelling.reason);
  return new EntityConflictError(
    `Run ${runId} does not wait for this attempt of step ${stepName} (${stepId}) any more. Stop its work`,
  );
}
