import {
  emptyState,
  EntityConflictError,
  isEnded,
  isRunTerminal,
  reduce,
  WorkflowWorldError,
  type Change,
  type Continuation,
  type Entities,
  type Fact,
  type Hook,
  type NewEvent,
  type NewFact,
  type RunState,
  type StoredEvent,
  type TurnEntry,
} from "workflow/world";
import { heldFor } from "./held.ts";
import { holderOf, outlives, type Holder } from "./holder.ts";
import type { Held, HookAddress, Received, RunRow, Tables, Waiting } from "./tables.ts";

/** What came for a token before its hook. */
export interface Arrival {
  readonly hook: Hook;
  readonly events: readonly Received[];
}

/** What a turn would change. Nothing is written until the whole turn has been accepted. */
export class Draft {
  readonly events: StoredEvent[] = [];
  readonly changes: RunState = emptyState();
  /** Tokens that the turn claims. */
  readonly tokens: Map<string, HookAddress> = new Map();
  readonly conflicts: Record<string, string> = {};
  /** Facts that the turn has not taken. */
  readonly inbox: Map<number, Fact>;
  readonly arrivals: Arrival[] = [];
  /** What of the arrivals was held. */
  readonly handedOver: Held[] = [];
  /** Payloads that wait for a hook. */
  waiting: readonly Waiting[];
  /** What the turn ends with, where the run goes on with a new history. */
  continuation: Continuation | undefined;
  /** Hooks that keep their token beyond the end of the run. */
  retained: ReadonlySet<string> = new Set();
  lastFactId: number;
  readonly #tables: Tables;
  readonly #row: RunRow;
  readonly #now: number;

  constructor(tables: Tables, row: RunRow, now: number) {
    this.#tables = tables;
    this.#row = row;
    this.#now = now;
    this.inbox = new Map(row.inbox.map((fact) => [fact.id, fact]));
    this.waiting = row.waiting;
    this.lastFactId = tables.lastFactId;
  }

  get ended(): boolean {
    const run = this.#entities.run;
    return run !== undefined && isEnded(run);
  }

  /** An acknowledged payload never vanishes (invariant I5): it can only be admitted, if need be undelivered. */
  drop(factId: number): void {
    const { type } = this.#take(factId, "drops");
    if (type === "hook_received") throw invalid("drops", `fact ${factId} is a hook payload: admit it as undelivered`);
    if (type === "attr_set") throw invalid("drops", `fact ${factId} sets attributes: admit it`);
  }

  enter(entry: TurnEntry): void {
    if (this.ended || this.continuation !== undefined)
      throw invalid("entries", "nothing can follow the end of the run");
    if (entry.kind === "continue") {
      this.continuation = entry;
      return;
    }
    const event = entry.kind === "event" ? this.#own(entry.event) : this.#admit(entry.factId, entry.undelivered);
    if (event.type === "hook_created") this.#claim(event);
    else if (isRunTerminal(event.type)) this.#end(event);
    else this.#append(event);
  }

  #take(factId: number, field: "entries" | "drops"): NewFact {
    const fact = this.inbox.get(factId);
    if (fact === undefined) throw invalid(field, `fact ${factId} is not in the inbox`);
    this.inbox.delete(factId);
    return fact.event;
  }

  #admit(factId: number, undelivered: boolean): NewEvent {
    const event = this.#take(factId, "entries");
    return undelivered && event.type === "hook_received" ? withheld(event) : event;
  }

  #own(event: NewEvent): NewEvent {
    if (event.type === "hook_conflict") throw invalid("entries", "only a World writes hook_conflict");
    if (event.type === "hook_received" && !event.data.own && this.inbox.size > 0)
      throw overtaking(this.#row.runId, event);
    if (event.type === "hook_disposed" && event.data.expired && this.#hasPayloadsFor(event.correlationId))
      throw overtaking(this.#row.runId, event);
    return event;
  }

  #hasPayloadsFor(hookId: string | undefined): boolean {
    return [...this.inbox.values()].some(
      ({ event }) => event.type === "hook_received" && event.correlationId === hookId,
    );
  }

  /** A token has one hook at a time (invariant I6): whoever comes second gets a conflict in its history. */
  #claim(event: NewEvent<"hook_created">): void {
    const { token } = event.data;
    const hookId = event.correlationId ?? "";
    const { runId } = this.#row;
    const { tokens, changes } = this;
    const holder = holderOf(this.#tables, token, this.#now, { runId, tokens, hooks: changes.hooks });
    if (holder.kind === "nobody" || (holder.kind === "reservation" && holder.hook.runId === runId)) {
      this.#append(event);
      this.tokens.set(token, { runId, hookId });
      this.#receive(hookId, token, holder);
      return;
    }
    const { payload: _, ...rest } = event;
    const conflictingRunId = holder.hook.runId;
    this.#append({ ...rest, type: "hook_conflict", data: { token, conflictingRunId } });
    this.conflicts[hookId] = conflictingRunId;
  }

  /** What was accepted for the token before it had a hook is for the first that gets it (invariant I5). */
  #receive(hookId: string, token: string, holder: Holder): void {
    const held = heldFor(this.#tables, token, this.#now).filter((one) => !this.handedOver.includes(one));
    const waiting = this.waiting.filter((one) => holder.kind === "reservation" && one.token === token);
    const events = [...waiting, ...held].map((one) => one.event);
    this.handedOver.push(...held);
    this.waiting = this.waiting.filter((one) => !waiting.includes(one));
    for (const event of events) {
      this.lastFactId += 1;
      this.inbox.set(this.lastFactId, { id: this.lastFactId, event: { ...event, correlationId: hookId } });
    }
    const hook = this.changes.hooks.get(hookId)?.hook;
    if (hook !== undefined) this.arrivals.push({ hook, events });
  }

  #end(event: NewEvent): void {
    this.#recordLeftovers();
    this.#append(event);
    const hooks = new Map([...this.#row.entities.hooks, ...this.changes.hooks]);
    this.retained = new Set([...hooks].filter(([, state]) => outlives(state, this.#now)).map(([hookId]) => hookId));
  }

  #append(event: NewEvent): void {
    const position = this.#row.history.length + this.events.length + 1;
    const stored: StoredEvent = { ...event, position, turn: this.#row.turns + 1 };
    const change = reduce(this.#row.runId, this.#entities, stored);
    if (change.kind === "refused") throw new EntityConflictError(change.reason);
    this.#note(change);
    this.events.push(stored);
  }

  #note(change: Change): void {
    switch (change.kind) {
      case "run":
        this.changes.run = change.run;
        break;
      case "step":
        this.changes.steps.set(change.step.stepId, change.step);
        break;
      case "hook":
        this.changes.hooks.set(change.hook.hook.hookId, change.hook);
        break;
      case "wait":
        this.changes.waits.set(change.wait.waitId, change.wait);
        break;
    }
  }

  /**
   * Payloads that were acknowledged and will never be delivered stay visible, attributes that were are set; other facts
   * mean nothing any more.
   */
  #recordLeftovers(): void {
    for (const { event } of this.inbox.values()) {
      if (event.type === "hook_received") this.#append(withheld(event));
      if (event.type === "attr_set") this.#append(event);
    }
    this.inbox.clear();
    for (const { token, event } of this.waiting) this.#append(withheld({ ...event, data: { ...event.data, token } }));
    this.waiting = [];
  }

  get #entities(): Entities {
    const { entities } = this.#row;
    return {
      run: this.changes.run ?? entities.run,
      step: (id) => this.changes.steps.get(id) ?? entities.steps.get(id),
      hook: (id) => this.changes.hooks.get(id) ?? entities.hooks.get(id),
      wait: (id) => this.changes.waits.get(id) ?? entities.waits.get(id),
    };
  }
}

function withheld(event: Received): Received {
  return { ...event, data: { ...event.data, undelivered: true } };
}

/**
 * Facts enter a history in the order in which they were accepted, and what a hook got in time before its end
 * (invariants I2, I5).
 */
function overtaking(runId: string, { type }: NewEvent): WorkflowWorldError {
  return new WorkflowWorldError("PRECONDITION_FAILED", `A ${type} of run ${runId} would overtake facts in its inbox`);
}

function invalid(field: "entries" | "drops", why: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", `The turn cannot be committed: ${why}`, {
    field,
  });
}
