import type { Hook } from "../world/entities.ts";
import type { StoredEvent } from "../world/events.ts";
import { LeaseLostError } from "../world/errors.ts";
import {
  FIRST_EPOCH,
  type Creation,
  type DeliverOptions,
  type Delivery,
  type Fact,
  type Lease,
  type NewRun,
  type StoredCode,
} from "../world/world.ts";
import { beginFlow } from "../streams/pump.ts";
import { type Draft, draftTurn, type News } from "./draft-turn.ts";
import { cancelStuck } from "./cancel-turn.ts";
import { dropResult } from "./drop-result.ts";
import { type DirectPayload, hasExpired, type LiveRun, nextAlarm, nextWake } from "./live-run.ts";
import { LiveRuns } from "./live-runs.ts";
import { historyOf, openRun, reviveRun } from "./open-run.ts";
import { createPatience, mayPass, type Patience, type Trouble } from "./patience.ts";
import type { RunLoopParts, WorkerCounts } from "./parts.ts";
import { inDoubt, Payloads } from "./payloads.ts";
import { requireOpened } from "./require-opened.ts";
import { giveBack, judgeMissingStep, judgeSetback, type Setback } from "./setback.ts";
import { loadStep } from "./step-functions.ts";
import { surroundingsOf } from "./turn-surroundings.ts";
import { upgraded } from "./upgrade.ts";
import { StepRunner } from "./step-runner.ts";

/** The live runs of a worker, each taken from turn to turn. */
export class RunLoop {
  readonly counts: WorkerCounts = { replays: 0, replayedEvents: 0, turns: 0, stepsExecuted: 0 };
  readonly #parts: RunLoopParts;
  readonly #patience: Patience;
  readonly #steps: StepRunner;
  readonly #live: LiveRuns;
  readonly #payloads: Payloads;
  readonly #opening = new Map<string, { readonly epoch: number; readonly done: Promise<void> }>();
  #creating = 0;
  #stopping = false;

  constructor(parts: RunLoopParts) {
    this.#parts = parts;
    this.#live = new LiveRuns(parts.liveRuns, parts.isHeapTight);
    this.#steps = new StepRunner(parts, this.counts, {
      wake: (runId) => this.#wake(runId),
      notice: (runId) => this.notice(runId),
      isOpening: (runId) => this.#opening.has(runId),
    });
    this.#payloads = new Payloads(parts.world, this.#live, (run) => this.#pump(run));
    this.#patience = createPatience(parts.world.clock, this.#trouble);
  }

  readonly #trouble: Trouble = {
    isStopping: () => this.#stopping,
    onProblem: (message, cause) => {
      if (!this.#stopping) this.#parts.onProblem(message, cause);
    },
  };

  /** How many more runs this worker may take. */
  get room(): number {
    return Math.max(this.#live.room - this.#opening.size - this.#creating, 0);
  }

  /** Whether a run is being worked on, or made live. */
  get isBusy(): boolean {
    return this.#creating + this.#opening.size > 0 || this.#live.isBusy || this.#steps.isBusy;
  }

  /** When a live run has something to do by the clock alone; null when none has. */
  get nextAlarm(): number | null {
    return this.#live.nextAlarm;
  }

  /** Whether others work for the same World, as far as it says so. They may be dead. */
  get hasCompany(): boolean {
    return this.#steps.mayOffer;
  }

  /** A hint about a run. False when it is not live here. */
  notice(runId: string): boolean {
    const run = this.#live.get(runId);
    if (run !== undefined) run.unread = true;
    return this.#wake(runId);
  }

  #wake(runId: string): boolean {
    const run = this.#live.get(runId);
    if (run !== undefined) this.#pump(run);
    return run !== undefined;
  }

  /** Pumps what is due, in case a timer was late or the clock has jumped, and lets go of what memory has no room for. */
  sweep(): void {
    const now = this.#parts.world.clock.now();
    for (const run of this.#live.all()) {
      const wake = nextAlarm(run);
      const isDue = wake !== null && wake <= now;
      if (isDue || (run.blocked === "fresh" && this.#steps.mayOffer)) this.#pump(run);
    }
    this.#live.lookAtHeap();
    this.#steps.shared?.look();
    this.#letGo();
  }

  /**
   * Creates a run and takes its first turn in the same instant: the two writes travel together, and a World that
   * groups what it commits makes them durable as one. A run that may not be created, because of its key or its token,
   * is created first. Rejects when it is not certain that the run was created.
   */
  async create(newRun: NewRun, code: StoredCode): Promise<Creation> {
    if (newRun.claim !== undefined || newRun.idempotencyKey !== undefined) return this.#createThenOpen(newRun);
    const { world, worker, realms, baseUrl } = this.#parts;
    const lease: Lease = { runId: newRun.runId, worker, epoch: FIRST_EPOCH };
    const local = this.#steps.stepsOf(lease.runId);
    const { seed } = newRun;
    this.#creating += 1;
    const revived = reviveRun({ world, realms, code, lease, local, seed, history: historyOf(newRun), baseUrl });
    const { run } = await revived.finally(() => (this.#creating -= 1));
    run.unread = false;
    const created = world.createRun(newRun, worker);
    this.#live.add(run);
    this.#pump(run);
    return created.catch((error: unknown) => {
      this.#forget(run);
      this.#giveUp(lease.runId, error);
    });
  }

  /** No code of a run that is not to be may run, and print. */
  async #createThenOpen(newRun: NewRun): Promise<Creation> {
    const { world, worker } = this.#parts;
    this.#creating += 1;
    const created = world.createRun(newRun, worker).finally(() => (this.#creating -= 1));
    const creation = await created.catch((error: unknown) => this.#giveUp(newRun.runId, error));
    if (creation.status === "created" && creation.lease !== null) void this.open(creation.lease);
    return creation;
  }

  /** A run may be stored when only the answer was lost: then it is for whoever looks for work. */
  #giveUp(runId: string, error: unknown): never {
    const { world, worker } = this.#parts;
    // After a refusal it is not, and the same run may be being created again, with the same lease.
    if (mayPass(error)) void giveBack(world, { runId, worker, epoch: FIRST_EPOCH }, { dueAt: 0 }, this.#trouble);
    throw error;
  }

  /** The short way of payloads; undefined when no live run has the token. */
  receive(token: string, fact: DirectPayload["fact"], options: DeliverOptions): Promise<Delivery> | undefined {
    return this.#stopping ? undefined : this.#payloads.receive(token, fact, options);
  }

  hookOf(token: string): Hook | undefined {
    return this.#stopping ? undefined : this.#payloads.hookOf(token);
  }

  /** Makes a leased run live. Never rejects. */
  open(lease: Lease): Promise<void> {
    const known = this.#live.get(lease.runId);
    if (known?.lease.epoch === lease.epoch) {
      this.notice(lease.runId);
      return Promise.resolve();
    }
    if (known !== undefined) this.#forget(known);
    const before = this.#opening.get(lease.runId);
    // It may be opening under an older lease, whose turns will be refused.
    if (before !== undefined) {
      return before.epoch === lease.epoch ? before.done : before.done.then(() => this.open(lease));
    }
    const done = this.#open(lease);
    this.#opening.set(lease.runId, { epoch: lease.epoch, done });
    return done;
  }

  async #open(lease: Lease): Promise<void> {
    const { world, realms, baseUrl } = this.#parts;
    try {
      const local = this.#steps.stepsOf(lease.runId);
      const opened = await openRun(world, this.#patience, realms, lease, local, baseUrl);
      if (opened.status === "cancelled") return this.#steps.discard(local, { runId: lease.runId, ...opened });
      const { run, replayed } = opened;
      if (this.#stopping) return run.instance.dispose();
      if (run.head > 1) {
        this.counts.replays += 1;
        this.counts.replayedEvents += replayed;
      }
      this.#live.add(run);
      this.#pump(run);
    } catch (error) {
      await this.#setBack(lease, judgeSetback(lease.runId, error, world.clock.now()), error);
    } finally {
      this.#opening.delete(lease.runId);
      if (this.#live.get(lease.runId) === undefined) this.#steps.forget(lease.runId);
    }
  }

  /** Has turns run until there is nothing left to do. Never two at once for one run. */
  #pump(run: LiveRun): void {
    run.again = true;
    if (!run.busy) void this.#work(run);
  }

  async #work(run: LiveRun): Promise<void> {
    run.busy = true;
    this.#live.unpark(run);
    run.alarm?.();
    run.alarm = undefined;
    try {
      while (run.again && this.#live.has(run)) {
        run.again = false;
        while (this.#live.has(run) && (await this.#turn(run)));
        if (run.missing.size > 0 && !run.again && this.#live.has(run)) await this.#findMissing(run);
      }
    } catch (error) {
      await this.#abandon(run, judgeSetback(run.lease.runId, error, this.#parts.world.clock.now()), error);
    }
    run.busy = false;
    if (this.#live.has(run)) this.#park(run);
  }

  /** One turn. Says whether there may be more to do. */
  async #turn(run: LiveRun): Promise<boolean> {
    const { world } = this.#parts;
    // What came for a hook in time is taken before its end, also when no hint has told of it.
    const unread = run.unread || hasExpired(run, world.clock.now());
    run.unread = false;
    const inbox = unread ? await this.#inboxOf(run) : [];
    if (!this.#live.has(run)) return false;
    const news = { inbox, direct: this.#payloads.take(run), outcomes: run.local.finished.splice(0) };
    const draft = this.#draft(run, news);
    if (draft.turn.entries.length === 0 && draft.turn.drops.length === 0) {
      this.#payloads.passOn(draft.refused);
      return false;
    }
    this.counts.turns += 1;
    const turn = draft.continues ? await upgraded(world, run.workflowName, draft.turn) : draft.turn;
    const outcome = await this.#patience(run.lease.runId, () => world.commit(run.lease, turn));
    if (outcome.status === "refused") {
      this.#undo(run, news, draft, outcome);
      throw outcome.error;
    }
    run.unread ||= outcome.value.unread;
    this.#settle(run, draft, outcome.value.conflicts);
    return true;
  }

  async #inboxOf(run: LiveRun): Promise<readonly Fact[]> {
    const { runId } = run.lease;
    const outcome = await this.#patience(runId, () => this.#parts.world.read(runId, run.head));
    if (outcome.status === "refused") throw outcome.error;
    requireOpened(outcome.value.inbox.map((fact) => fact.event));
    return outcome.value.inbox;
  }

  #draft(run: LiveRun, news: News): Draft {
    const surroundings = surroundingsOf(this.#parts, this.#steps);
    try {
      return run.inRun(() => draftTurn(run, news, surroundings));
    } catch (error) {
      // The run can take nothing now. In its inbox the payloads are safe until it can.
      this.#payloads.passOn(news.direct);
      run.local.finished.unshift(...news.outcomes);
      throw error;
    }
  }

  /**
   * A turn that was not written has not happened: no payload that came with it may be lost, or arrive twice, and what
   * step bodies came to is for the next turn.
   */
  #undo(run: LiveRun, news: News, draft: Draft, refused: { readonly error: unknown; readonly inDoubt: boolean }): void {
    for (const step of draft.started) this.#steps.cancel(run, step);
    if (!LeaseLostError.is(refused.error)) run.local.finished.unshift(...news.outcomes);
    this.#payloads.passOn(draft.refused);
    if (!refused.inDoubt) this.#payloads.passOn(draft.taken);
    else for (const { token, reject } of draft.taken) reject(inDoubt(token, refused.error));
  }

  /** The turn is durable: now, and not before, its effects happen (invariant I3). */
  #settle(run: LiveRun, draft: Draft, conflicts: Readonly<Record<string, string>>): void {
    const { runId } = run.lease;
    run.head += draft.turn.entries.length;
    run.turn += 1;
    for (const { hookId, resolve } of draft.taken) {
      const hook = run.state.hooks.get(hookId)?.hook;
      resolve({ status: "delivered", runId, ...(hook !== undefined && { hook }) });
    }
    this.#payloads.passOn(draft.refused);
    for (const outcome of draft.outcomes.taken) {
      if (outcome.kind === "completed") beginFlow(this.#parts.world, runId, outcome.streams);
    }
    draft.outcomes.late.forEach(dropResult);
    if (draft.end !== undefined) this.#parts.onRunEnded(runId, run.workflowName, draft.end);
    if (!this.#live.has(run)) {
      // Given up while the turn was being written: whoever opens the run goes on from it.
      for (const step of draft.started) this.#steps.cancel(run, step);
      return;
    }
    if (draft.ended) {
      this.#steps.discard(run.local, run.state.run ?? { runId, status: "completed" });
      this.#forget(run);
      if (!draft.continues) return;
      // The next generation begins from its history, like any run that is opened.
      this.#steps.renew(runId);
      void this.open(run.lease);
      return;
    }
    if (draft.interrupted !== undefined) this.#steps.interrupt(run.local, draft.interrupted);
    for (const step of draft.started) void this.#steps.execute(run, step);
    for (const created of draft.registrations) this.#register(run, created, conflicts[created.correlationId ?? ""]);
  }

  /** Tells workflow code what the World decided about a token. */
  #register(run: LiveRun, created: StoredEvent<"hook_created">, conflictingRunId: string | undefined): void {
    const hookId = created.correlationId ?? "";
    const tell = (event: StoredEvent): void => {
      run.asked = [...run.asked, ...run.inRun(() => run.instance.enter(event, false))];
    };
    if (conflictingRunId === undefined) {
      this.#live.openHook(run, hookId);
      return tell(created);
    }
    const hook = run.state.hooks.get(hookId);
    if (hook !== undefined) run.state.hooks.set(hookId, { ...hook, status: "conflict" });
    run.expiring.delete(hookId);
    tell({ ...created, type: "hook_conflict", data: { token: created.data.token, conflictingRunId } });
  }

  /** Has the deployed code bring the steps that the run waits for, or puts the run aside until one does. */
  async #findMissing(run: LiveRun): Promise<void> {
    for (const name of run.missing) {
      const error = await loadStep(name);
      const step = [...run.state.steps.values()].find(({ stepName }) => stepName === name);
      if (error === undefined) run.again = true;
      else if (step !== undefined && run.local.executing.size === 0 && !run.again && this.#live.has(run)) {
        const setback = judgeMissingStep(run.lease.runId, step, error, this.#parts.world.clock.now());
        return this.#abandon(run, setback, error.cause);
      }
    }
  }

  #park(run: LiveRun): void {
    const wake = nextAlarm(run);
    // What is due and could not be done waits for a place or for its code, and not for the time.
    const waits = run.blocked !== undefined || run.missing.size > 0;
    if (wake !== null && (!waits || wake > this.#parts.world.clock.now()))
      run.alarm = this.#parts.world.clock.schedule(wake, () => this.#pump(run));
    this.#live.park(run);
    this.#letGo();
    this.#offerRoom();
    if (run.blocked !== undefined && this.#live.has(run)) this.#steps.wait(run.lease.runId, run.blocked);
    else this.#steps.offer();
  }

  /** Gives back the parked runs that are too many; a fact or its due time brings each in again. */
  #letGo(): void {
    for (const run of this.#live.surplus()) {
      const dueAt = nextWake(run);
      this.#forget(run);
      void giveBack(this.#parts.world, run.lease, { dueAt }, this.#trouble);
    }
  }

  #forget(run: LiveRun): void {
    if (!this.#live.has(run)) return;
    run.alarm?.();
    run.alarm = undefined;
    this.#live.remove(run);
    this.#payloads.passOn(run.direct.splice(0));
    this.#steps.forget(run.lease.runId);
    run.instance.dispose();
    this.#offerRoom();
    this.#steps.offer();
  }

  #offerRoom(): void {
    if (this.room > 0) this.#parts.onRoom();
  }

  forgetAll(): void {
    for (const run of this.#live.all()) this.#forget(run);
  }

  /** The live run is ahead of its history, or cannot go on: drop it. */
  async #abandon(run: LiveRun, setback: Setback, cause: unknown): Promise<void> {
    if (!this.#live.has(run)) return;
    this.#forget(run);
    await this.#setBack(run.lease, setback, cause);
  }

  async #setBack(lease: Lease, setback: Setback, cause: unknown): Promise<void> {
    if (setback.kind === "put aside") {
      this.#trouble.onProblem(setback.message, cause);
      const ended = setback.parked.dueAt === null ? await cancelStuck(this.#parts.world, lease) : undefined;
      if (ended !== undefined) return this.#steps.end(ended);
    }
    await giveBack(this.#parts.world, lease, setback.parked, this.#trouble);
    if (setback.kind === "start over") this.#parts.onLeaseLost();
  }

  /** Starts no more steps, and waits for those that run, and for the turns that record them. */
  async stop(): Promise<void> {
    const { world, graceMs } = this.#parts;
    const deadline = world.clock.elapsed() + graceMs;
    const isBusy = (): boolean => [...this.#live.all()].some((run) => run.busy);
    await this.#steps.stop();
    this.#stopping = true;
    await Promise.all(Array.from(this.#opening.values(), ({ done }) => done));
    while (isBusy() && world.clock.elapsed() < deadline) await new Promise((resolve) => setImmediate(resolve));
    this.forgetAll();
  }
}
