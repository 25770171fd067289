import type { Command } from "../replay/boundary.ts";
import { roleOf } from "../replay/delivery.ts";
import { isEngineStep } from "../replay/engine-steps.ts";
import { serializeThrown } from "../serialization/serialize.ts";
import { countFaultAfter } from "../world/attributes.ts";
import type { Step, WorkflowRun } from "../world/entities.ts";
import { FatalError, WorkflowRunCancelledError } from "../world/errors.ts";
import { type EventData, isRunTerminal, type NewEvent, type StoredEvent } from "../world/events.ts";
import type { StepOffer } from "../world/offers.ts";
import type { Fact, Turn, TurnEntry } from "../world/world.ts";
import { eventOf, reasonOf } from "./command-events.ts";
import type { StepOutcome } from "./execute-step.ts";
import { givenUpError, type Interruption, type Start } from "./interruption.ts";
import {
  abandonSteps,
  advanceOpen,
  type DirectPayload,
  hasStepsUnderWay,
  type LiveRun,
  nextHookId,
  nextWake,
} from "./live-run.ts";
import { offerOf } from "./offered-step.ts";
import type { RunEnd } from "./parts.ts";
import { judgeFailure } from "./retry.ts";

/** A turn that was run in the realm and is not committed yet. */
export interface Draft {
  readonly turn: Turn;
  /** Steps to execute once the turn is durable. */
  readonly started: readonly Step[];
  /** What step bodies came to, as far as the turn takes it in, and as far as it comes too late. */
  readonly outcomes: { readonly taken: readonly StepOutcome[]; readonly late: readonly StepOutcome[] };
  /** Direct payloads that the turn takes in. */
  readonly taken: readonly DirectPayload[];
  /** Direct payloads whose hook is not active any more. */
  readonly refused: readonly DirectPayload[];
  /** Registrations of hooks, to be delivered once the World has decided about their tokens. */
  readonly registrations: readonly StoredEvent<"hook_created">[];
  readonly ended: boolean;
  /** It goes on as new. */
  readonly continues: boolean;
  /** Why nobody waits for the step bodies that run by now: the run cleans up after a cancellation. */
  readonly interrupted: Error | undefined;
  /** How, unless it was cancelled. */
  readonly end: RunEnd | undefined;
}

/** What has come in for a run. */
export interface News {
  readonly inbox: readonly Fact[];
  /** Payloads that were given to this worker itself; after the inbox. */
  readonly direct: readonly DirectPayload[];
  /** What step bodies came to. */
  readonly outcomes: readonly StepOutcome[];
}

export interface Surroundings {
  readonly now: number;
  /** Takes a place for a step body, or says that one that needs none may start; false when it may not. */
  takeSlot(start: Start | undefined): boolean;
  /** Whether the step's body is at hand. */
  isRegistered(stepName: string): boolean;
  /** Whether a step that there is no place for may be offered to other workers. */
  mayOffer(stepName: string): boolean;
  /** Whether the body, which is at hand, may be started only once. */
  isOnce(step: Step): boolean;
  /** What may be done with a step whose process died. */
  interruptionOf(step: Step): Interruption;
}

/**
 * Runs one turn: takes in the facts that are there, one at a time, each followed by what the workflow code asks
 * for in response. Changes `run` as if the turn were committed; if it is not, the run must be dropped.
 */
export function draftTurn(run: LiveRun, { inbox, direct, outcomes }: News, surroundings: Surroundings): Draft {
  const draft = new Drafting(run, surroundings);
  draft.ask(run.asked);
  run.asked = [];
  if (run.state.run?.status === "pending") {
    const data = { baseUrl: run.baseUrl, ...(run.encryption && { encryption: true as const }) };
    draft.happen({ type: "run_started", data, at: surroundings.now });
  }
  for (const fact of inbox) draft.takeFact(fact);
  for (const payload of direct) draft.takeDirect(payload);
  for (const outcome of outcomes) draft.takeOutcome(outcome);
  draft.completeWaits();
  draft.expireHooks();
  draft.endCleanup();
  draft.giveUpExhausted();
  draft.startSteps();
  return draft.finish();
}

class Drafting {
  readonly #run: LiveRun;
  readonly #surroundings: Surroundings;
  readonly #after: number;
  readonly #turn: number;
  readonly #entries: TurnEntry[] = [];
  readonly #drops: number[] = [];
  readonly #started: Step[] = [];
  readonly #offers: StepOffer[] = [];
  readonly #outcomes: { readonly taken: StepOutcome[]; readonly late: StepOutcome[] } = { taken: [], late: [] };
  readonly #taken: DirectPayload[] = [];
  readonly #refused: DirectPayload[] = [];
  readonly #missing = new Set<string>();
  #blocked: Start | undefined;
  readonly #registrations: StoredEvent<"hook_created">[] = [];
  #ended = false;
  #continues = false;
  #interrupted: Error | undefined;
  #end: RunEnd | undefined;

  constructor(run: LiveRun, surroundings: Surroundings) {
    this.#run = run;
    this.#surroundings = surroundings;
    this.#after = run.head;
    this.#turn = run.turn + 1;
  }

  /** Writes an event, and lets the workflow code answer it. */
  happen(event: NewEvent): void {
    if (this.#ended) return;
    this.#entries.push({ kind: "event", event });
    this.#deliver(event);
  }

  /** Writes down what workflow code asked for. */
  ask(commands: readonly Command[]): void {
    for (const command of commands) {
      if (this.#ended) return;
      if (command.type === "continue") this.#continue(command);
      else this.#write(command);
    }
  }

  #write(command: Exclude<Command, { readonly type: "continue" }>): void {
    const run = this.#run.state.run as WorkflowRun;
    // Workflow code cannot read attributes, and so does not know how many there are.
    const why = command.type === "attributes" ? countFaultAfter(run.attributes, command.changes) : undefined;
    this.happen(why === undefined ? eventOf(command, run, this.#surroundings.now) : this.#failure(why));
  }

  #failure(why: string): NewEvent {
    const payload = serializeThrown(new FatalError(`setAttributes(): ${why}`), {
      what: "thrown value",
      of: this.#run.workflowName,
    });
    return { type: "run_failed", data: { errorCode: "USER_ERROR" }, payload, at: this.#surroundings.now };
  }

  #continue({ input, untaken }: Command & { readonly type: "continue" }): void {
    const { state } = this.#run;
    const { deploymentId: codeHash } = state.run as WorkflowRun;
    const active = [...state.hooks.values()].filter(({ status, hook }) => status === "active" && !hook.isSystem);
    const hooks = active.map(({ hook }) => ({ token: hook.token, hookId: nextHookId(this.#run, hook) }));
    this.#entries.push({ kind: "continue", codeHash, input, at: this.#surroundings.now, hooks, untaken });
    this.#ended = true;
    this.#continues = true;
  }

  takeFact(fact: Fact): void {
    if (this.#ended) return;
    const verdict = this.#judgeFact(fact.event);
    if (isStepFact(fact.event)) this.#noteOutcome(fact.event.correlationId ?? "");
    if (verdict === "drop" || verdict === "cleanup" || verdict === "interrupted") {
      this.#drops.push(fact.id);
      if (verdict === "interrupted") this.#interrupt(fact.event.correlationId ?? "");
      if (verdict === "cleanup") this.#beginCleanup(fact.event);
      return;
    }
    const undelivered = verdict === "undelivered";
    this.#entries.push({ kind: "admit", factId: fact.id, undelivered });
    this.#deliver(undelivered ? ({ ...fact.event, data: { undelivered: true } } as NewEvent) : fact.event);
  }

  #judgeFact(event: Fact["event"]): "deliver" | "undelivered" | "drop" | "cleanup" | "interrupted" {
    const { state } = this.#run;
    switch (event.type) {
      case "run_cancelled":
        if (this.#run.instance.cleanupMs === undefined) return "deliver";
        return state.run?.cancelling === undefined ? "cleanup" : "drop";
      case "attr_set":
        return "deliver";
      case "step_completed":
      case "step_failed":
        return state.steps.has(event.correlationId ?? "") ? "deliver" : "drop";
      case "step_retrying":
        if (!state.steps.has(event.correlationId ?? "")) return "drop";
        return event.data.interrupted === true ? "interrupted" : "deliver";
      case "wait_completed":
        return state.waits.has(event.correlationId ?? "") ? "deliver" : "drop";
      case "hook_received":
        return state.hooks.get(event.correlationId ?? "")?.status === "active" ? "deliver" : "undelivered";
    }
  }

  /** The worker that had taken the step has died. */
  #interrupt(stepId: string): void {
    const step = this.#run.state.steps.get(stepId);
    if (step !== undefined) this.#run.interrupted.set(stepId, this.#surroundings.interruptionOf(step));
  }

  /** The code has asked to be told of a cancellation. */
  #beginCleanup(event: Fact["event"]): void {
    const { now } = this.#surroundings;
    const { cancelReason } = event.data as EventData["run_cancelled"];
    const data = {
      deadline: now + (this.#run.instance.cleanupMs ?? 0),
      ...(cancelReason !== undefined && { cancelReason }),
    };
    this.#interrupted = new WorkflowRunCancelledError(this.#run.lease.runId, cancelReason);
    for (const stepId of abandonSteps(this.#run.state)) {
      // Its offer ends with this turn.
      if (this.#run.elsewhere.delete(stepId)) this.#run.state.steps.delete(stepId);
      else this.#run.abandoned.add(stepId);
    }
    this.happen({ type: "cancel_requested", data, at: now });
  }

  /** It had its time to clean up. */
  endCleanup(): void {
    const { now } = this.#surroundings;
    const run = this.#run.state.run as WorkflowRun;
    if (run.cancelling === undefined || run.cancelling.deadline.getTime() > now) return;
    this.happen({ type: "run_cancelled", data: reasonOf(run), at: now });
  }

  takeDirect(direct: DirectPayload): void {
    const { hookId, fact } = direct;
    const isActive = !this.#ended && this.#run.state.hooks.get(hookId)?.status === "active";
    (isActive ? this.#taken : this.#refused).push(direct);
    if (isActive) this.happen({ ...fact, correlationId: hookId });
  }

  takeOutcome(outcome: StepOutcome): void {
    const step = this.#run.state.steps.get(outcome.stepId);
    const isAwaited = !this.#ended && step?.status === "running" && step.attempt === outcome.attempt;
    this.#outcomes[isAwaited ? "taken" : "late"].push(outcome);
    if (!isAwaited) return;
    const { now } = this.#surroundings;
    const about = { correlationId: outcome.stepId, at: now };
    if (outcome.kind === "completed") {
      this.happen({ type: "step_completed", ...about, data: {}, payload: outcome.result });
      return;
    }
    const verdict = judgeFailure(outcome, now);
    if (verdict.kind === "fail" || this.#run.abandoned.has(outcome.stepId))
      this.happen({ type: "step_failed", ...about, data: {}, payload: outcome.error });
    else this.happen({ type: "step_retrying", ...about, data: { retryAfter: verdict.at }, payload: outcome.error });
  }

  completeWaits(): void {
    if (this.#run.state.waits.size === 0) return;
    const { now } = this.#surroundings;
    const due = [...this.#run.state.waits.values()].filter((wait) => wait.resumeAt.getTime() <= now);
    due.sort((a, b) => a.resumeAt.getTime() - b.resumeAt.getTime());
    for (const { waitId } of due) {
      // The end of one may have made the code close another.
      if (!this.#run.state.waits.has(waitId)) continue;
      this.happen({ type: "wait_completed", correlationId: waitId, data: {}, at: now });
    }
  }

  expireHooks(): void {
    if (this.#run.expiring.size === 0) return;
    const { now } = this.#surroundings;
    const due = [...this.#run.expiring].filter(([, time]) => time <= now).toSorted((a, b) => a[1] - b[1]);
    for (const [hookId] of due) {
      // The end of one may have made the code dispose another. One of this turn may yet get what was held for it.
      if (!this.#run.expiring.has(hookId) || this.#isNew(hookId)) continue;
      this.happen({ type: "hook_disposed", correlationId: hookId, data: { expired: true }, at: now });
    }
  }

  #isNew(hookId: string): boolean {
    return this.#registrations.some(({ correlationId }) => correlationId === hookId);
  }

  /** Before any step starts: workflow code has to answer, and nothing may go wrong once a place is taken. */
  giveUpExhausted(): void {
    for (const [stepId, interruption] of this.#run.interrupted) {
      const step = this.#run.state.steps.get(stepId);
      const error = step === undefined || this.#ended ? undefined : givenUpError(interruption, step);
      if (step !== undefined && error !== undefined) this.#giveUp(step, error);
    }
  }

  startSteps(): void {
    let full = false;
    for (const step of this.#run.state.steps.values()) {
      if (this.#ended) return;
      // Steps of the engine need no place, and others may have one.
      const needsNone = isEngineStep(step.stepName) || this.#surroundings.mayOffer(step.stepName);
      if ((full && !needsNone) || !this.#isStartable(step)) continue;
      const kind = this.#run.interrupted.get(step.stepId) ?? "fresh";
      if (kind === "exhausted" || kind === "unknown") continue;
      const start = isEngineStep(step.stepName) ? undefined : kind;
      if (!this.#surroundings.isRegistered(step.stepName)) this.#missing.add(step.stepName);
      else if (this.#surroundings.takeSlot(start)) this.#start(step, start);
      else if (start === "fresh" && this.#surroundings.mayOffer(step.stepName)) this.#offer(step);
      else if (start === "fresh") [this.#blocked, full] = [start, true];
      else if (start !== undefined) this.#blocked = this.#blocked === "again" ? "again" : start;
    }
  }

  #noteOutcome(stepId: string): void {
    this.#run.elsewhere.delete(stepId);
    this.#run.local.recorded.delete(stepId);
  }

  #isStartable(step: Step): boolean {
    if (step.awaits !== undefined || this.#run.local.executing.has(step.stepId)) return false;
    if (this.#run.elsewhere.has(step.stepId) || this.#run.local.recorded.has(step.stepId)) return false;
    return step.retryAfter === undefined || step.retryAfter.getTime() <= this.#surroundings.now;
  }

  #start(step: Step, start: Start | undefined): void {
    this.#run.local.executing.set(step.stepId, start);
    this.#started.push(this.#noteStart(step));
  }

  /** Whoever has a place runs it. */
  #offer(step: Step): void {
    this.#run.elsewhere.add(step.stepId);
    this.#offers.push(offerOf(this.#run, this.#noteStart(step)));
  }

  #noteStart(step: Step): Step {
    const { now } = this.#surroundings;
    this.#run.interrupted.delete(step.stepId);
    this.happen({
      type: "step_started",
      correlationId: step.stepId,
      // For good: another deployment may say something else of the step.
      data: { attempt: step.attempt + 1, ...(this.#surroundings.isOnce(step) && { idempotent: false }) },
      at: now,
    });
    return this.#run.state.steps.get(step.stepId) as Step;
  }

  #giveUp(step: Step, error: Error): void {
    this.happen({
      type: "step_failed",
      correlationId: step.stepId,
      data: {},
      payload: serializeThrown(error, { what: "thrown value", of: step.stepName }),
      at: this.#surroundings.now,
    });
  }

  #deliver(event: NewEvent): void {
    const run = this.#run;
    const stored: StoredEvent = { ...event, position: this.#after + this.#entries.length, turn: this.#turn };
    advanceOpen(run.lease.runId, run.state, stored);
    this.#noteExpiry(stored);
    if (event.type === "run_completed" || event.type === "run_failed") this.#end = event;
    if (isRunTerminal(event.type)) this.#ended = true;
    else if (stored.type === "hook_created") this.#registrations.push(stored);
    else if (roleOf(event) === "fact") this.ask(run.instance.enter(stored, false));
  }

  #noteExpiry(event: StoredEvent): void {
    const hookId = event.correlationId ?? "";
    if (event.type === "hook_created" && event.data.expiresAt !== undefined)
      this.#run.expiring.set(hookId, event.data.expiresAt);
    else if (event.type === "hook_disposed") this.#run.expiring.delete(hookId);
  }

  finish(): Draft {
    const { state } = this.#run;
    this.#run.missing = this.#missing;
    this.#run.blocked = this.#blocked;
    const waiting = this.#ended ? null : hasStepsUnderWay(state) ? 0 : nextWake(this.#run);
    return {
      turn: {
        after: this.#after,
        entries: this.#entries,
        drops: this.#drops,
        dueAt: waiting,
        ...(this.#offers.length > 0 && { offers: this.#offers }),
      },
      started: this.#started,
      outcomes: this.#outcomes,
      taken: this.#taken,
      refused: this.#refused,
      registrations: this.#registrations,
      ended: this.#ended,
      continues: this.#continues,
      interrupted: this.#interrupted,
      end: this.#end,
    };
  }
}

/** What an offered step came to. */
function isStepFact({ type }: Fact["event"]): boolean {
  return type === "step_completed" || type === "step_failed" || type === "step_retrying";
}
