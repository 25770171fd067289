import type { Step } from "../world/entities.ts";
import { LeaseLostError, WorkflowError } from "../world/errors.ts";
import { FIRST_EPOCH, type Lease, type NewRun, type Parked, type StoredCode } from "../world/world.ts";
import { commitDurably } from "./commit.ts";
import { type Draft, draftTurn } from "./draft-turn.ts";
import { executeStep } from "./execute-step.ts";
import { hasStepsUnderWay, type LiveRun, type LocalSteps, metadataOf, nextWake, waitsForSlot } from "./live-run.ts";
import { historyOf, openRun, reviveRun } from "./open-run.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { createSlots, type Slots } from "./slots.ts";

const RELEASE_RETRY_MS = 1_000;

/** The live runs of a worker, each taken from turn to turn. */
export class RunLoop {
  readonly counts: WorkerCounts = { replays: 0, replayedEvents: 0, turns: 0, stepsExecuted: 0 };
  readonly #parts: RunLoopParts;
  readonly #slots: Slots;
  /** Least recently used first. */
  readonly #live = new Map<string, LiveRun>();
  readonly #local = new Map<string, LocalSteps>();
  readonly #opening = new Map<string, Promise<void>>();
  #stopping = false;
  #onIdle = (): void => {};

  constructor(parts: RunLoopParts) {
    this.#parts = parts;
    this.#slots = createSlots(parts.concurrency);
  }

  /** A hint about a run. False when it is not live here. */
  notice(runId: string): boolean {
    const run = this.#live.get(runId);
    if (run === undefined) return false;
    run.unread = true;
    void this.#pump(run);
    return true;
  }

  /** Pumps what is due, in case a timer was late or the clock has jumped. */
  wakeDue(): void {
    const now = this.#parts.world.clock.now();
    for (const run of this.#live.values()) {
      const wake = nextWake(run.state);
      if (wake !== null && wake <= now) void this.#pump(run);
    }
  }

  /**
   * Creates a run and takes its first turn in the same instant: the two writes travel together, and a World that
   * groups what it commits makes them durable as one. Rejects when the run was not created.
   */
  async create(newRun: NewRun, code: StoredCode): Promise<void> {
    const { world, worker, realms, baseUrl } = this.#parts;
    const lease: Lease = { runId: newRun.runId, worker, epoch: FIRST_EPOCH };
    const local = this.#localSteps(lease.runId);
    const { seed } = newRun;
    const { run } = await reviveRun({ realms, code, lease, local, seed, history: historyOf(newRun), baseUrl });
    run.unread = false;
    const created = world.createRun(newRun, worker);
    this.#live.set(lease.runId, run);
    void this.#pump(run);
    await created.catch((error: unknown) => {
      this.#forget(run);
      throw error;
    });
  }

  /** Makes a leased run live. Never rejects. */
  open(lease: Lease): Promise<void> {
    const known = this.#live.get(lease.runId);
    if (known?.lease.epoch === lease.epoch) {
      this.notice(lease.runId);
      return Promise.resolve();
    }
    if (known !== undefined) this.#forget(known);
    const opening = this.#opening.get(lease.runId) ?? this.#open(lease);
    this.#opening.set(lease.runId, opening);
    return opening;
  }

  async #open(lease: Lease): Promise<void> {
    const { world, realms, baseUrl } = this.#parts;
    try {
      const opened = await openRun(world, realms, lease, this.#localSteps(lease.runId), baseUrl);
      if (opened.status === "cancelled") return;
      const { run, replayed } = opened;
      if (this.#stopping) return run.instance.dispose();
      if (run.head > 1) {
        this.counts.replays += 1;
        this.counts.replayedEvents += replayed;
      }
      this.#live.set(lease.runId, run);
      void this.#pump(run);
    } catch (error) {
      await this.#putAside(lease, error);
    } finally {
      this.#opening.delete(lease.runId);
    }
  }

  /** Runs turns until there is nothing left to do. Never two at once for one run. */
  async #pump(run: LiveRun): Promise<void> {
    run.again = true;
    if (run.busy) return;
    run.busy = true;
    run.alarm?.();
    run.alarm = undefined;
    try {
      while (run.again && this.#isLive(run)) {
        run.again = false;
        while (this.#isLive(run) && (await this.#turn(run)));
      }
    } catch (error) {
      await this.#abandon(run, error);
    }
    run.busy = false;
    if (this.#isLive(run)) this.#park(run);
  }

  #isLive(run: LiveRun): boolean {
    return this.#live.get(run.lease.runId) === run;
  }

  /** One turn. Says whether there may be more to do. */
  async #turn(run: LiveRun): Promise<boolean> {
    const { world } = this.#parts;
    const { unread } = run;
    run.unread = false;
    const inbox = unread ? (await world.read(run.lease.runId, run.head)).inbox : [];
    if (!this.#isLive(run)) return false;
    const takeSlot = (): boolean => !this.#stopping && this.#slots.take();
    const draft = draftTurn(run, inbox, { now: world.clock.now(), takeSlot });
    if (draft.turn.entries.length === 0 && draft.turn.drops.length === 0) return false;
    this.counts.turns += 1;
    const committed = await commitDurably(world, run.lease, draft.turn).catch((error: unknown) => {
      for (const { stepId } of draft.started) {
        run.local.executing.delete(stepId);
        this.#freeSlot();
      }
      throw error;
    });
    run.unread ||= committed.unread;
    this.#settle(run, draft, committed.conflicts);
    return true;
  }

  /** The turn is durable: now, and not before, its effects happen (invariant I3). */
  #settle(run: LiveRun, draft: Draft, conflicts: Readonly<Record<string, string>>): void {
    run.head += draft.turn.entries.length;
    run.turn += 1;
    if (draft.failure !== undefined) this.#parts.onRunFailed(run.lease.runId, run.workflowName, draft.failure);
    if (draft.ended) return this.#forget(run);
    for (const step of draft.started) void this.#execute(run, step);
    for (const created of draft.registrations) {
      const hookId = created.correlationId ?? "";
      const conflictingRunId = conflicts[hookId];
      if (conflictingRunId === undefined) {
        run.asked = [...run.asked, ...run.instance.enter(created, false)];
        continue;
      }
      const hook = run.state.hooks.get(hookId);
      if (hook !== undefined) run.state.hooks.set(hookId, { ...hook, status: "conflict" });
      const data = { token: created.data.token, conflictingRunId };
      run.asked = [...run.asked, ...run.instance.enter({ ...created, type: "hook_conflict", data }, false)];
    }
  }

  async #execute(run: LiveRun, step: Step): Promise<void> {
    const { runId } = run.lease;
    this.counts.stepsExecuted += 1;
    const { stepName, stepId, attempt } = step;
    const context = { step: { stepName, stepId, stepStartedAt: step.updatedAt, attempt }, workflow: metadataOf(run) };
    const outcome = await executeStep(step, context, this.#parts.handles);
    run.local.executing.delete(stepId);
    run.local.finished.push(outcome);
    this.#freeSlot();
    // The run may have been opened anew since the body began.
    const live = this.#live.get(runId);
    if (live === undefined) this.#forgetLocalSteps(runId);
    else void this.#pump(live);
  }

  #localSteps(runId: string): LocalSteps {
    const known = this.#local.get(runId) ?? { executing: new Set<string>(), finished: [] };
    this.#local.set(runId, known);
    return known;
  }

  #forgetLocalSteps(runId: string): void {
    const local = this.#local.get(runId);
    if (local?.executing.size === 0 && !this.#opening.has(runId)) this.#local.delete(runId);
  }

  #freeSlot(): void {
    this.#slots.free();
    if (this.#slots.inUse === 0) this.#onIdle();
    this.#offerSlots();
  }

  #offerSlots(): void {
    if (this.#stopping) return;
    for (let runId = this.#slots.nextWaiting(); runId !== undefined; runId = this.#slots.nextWaiting()) {
      const run = this.#live.get(runId);
      if (run !== undefined) return void this.#pump(run);
    }
  }

  #park(run: LiveRun): void {
    const wake = nextWake(run.state);
    if (wake !== null) run.alarm = this.#parts.world.clock.schedule(wake, () => void this.#pump(run));
    this.#live.delete(run.lease.runId);
    this.#live.set(run.lease.runId, run);
    if (this.#live.size > this.#parts.liveRuns) this.#evictOne();
    if (!waitsForSlot(run.state)) return;
    this.#slots.wait(run.lease.runId);
    this.#offerSlots();
  }

  /** Gives the least recently used parked run back; a fact or its due time brings it in again. */
  #evictOne(): void {
    for (const run of this.#live.values()) {
      if (run.busy || run.unread || run.local.executing.size > 0 || hasStepsUnderWay(run.state)) continue;
      const dueAt = nextWake(run.state);
      this.#forget(run);
      void this.#giveBack(run.lease, { dueAt });
      return;
    }
  }

  #forget(run: LiveRun): void {
    run.alarm?.();
    run.alarm = undefined;
    if (this.#isLive(run)) this.#live.delete(run.lease.runId);
    this.#forgetLocalSteps(run.lease.runId);
    run.instance.dispose();
  }

  forgetAll(): void {
    for (const run of this.#live.values()) this.#forget(run);
  }

  /** The live run is ahead of its history: drop it, and let a replay start afresh. */
  async #abandon(run: LiveRun, error: unknown): Promise<void> {
    if (!this.#isLive(run)) return;
    this.#forget(run);
    await this.#putAside(run.lease, error);
  }

  /** Parks a run that cannot go on for a reason outside it, with the reason shown to operators. */
  async #putAside(lease: Lease, error: unknown): Promise<void> {
    if (LeaseLostError.is(error)) {
      // Where only an answer was lost the run is still this worker's, and must be looked at again.
      await this.#giveBack(lease, { dueAt: 0 });
      return this.#parts.onLeaseLost();
    }
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof WorkflowError ? error.code : "RUNTIME_ERROR";
    this.#report(`Run ${lease.runId} cannot go on and was put aside: ${message}`, error);
    await this.#giveBack(lease, { dueAt: null, problem: { code, message } });
  }

  /** A run that is neither live here nor given back would be nobody's, so this does not give up. */
  async #giveBack(lease: Lease, parked: Parked): Promise<void> {
    const { world } = this.#parts;
    while (!this.#stopping) {
      try {
        return await world.release(lease, parked);
      } catch (error) {
        this.#report(`Giving back run ${lease.runId} failed; it will be tried again`, error);
      }
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + RELEASE_RETRY_MS, resolve));
    }
  }

  #report(message: string, cause: unknown): void {
    if (!this.#stopping) this.#parts.onProblem(message, cause);
  }

  /** Starts no more steps, and waits for those that run, and for the turns that record them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#slots.inUse > 0) await this.#quiet();
    await Promise.all(this.#opening.values());
    const { world } = this.#parts;
    const deadline = world.clock.now() + this.#parts.graceMs;
    while ([...this.#live.values()].some((run) => run.busy) && world.clock.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.forgetAll();
  }

  #quiet(): Promise<void> {
    const { world, graceMs } = this.#parts;
    return new Promise((resolve) => {
      const cancel = world.clock.schedule(world.clock.now() + graceMs, resolve);
      this.#onIdle = () => {
        cancel();
        resolve();
      };
    });
  }
}
