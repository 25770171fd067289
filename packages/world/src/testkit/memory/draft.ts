import {
  emptyState,
  EntityConflictError,
  isEnded,
  isRunTerminal,
  reduce,
  WorkflowWorldError,
  type Change,
  type Entities,
  type Fact,
  type HookState,
  type NewEvent,
  type RunState,
  type StoredEvent,
  type TurnEntry,
} from "workflow/world";
import type { HookAddress, RunRow, Tables } from "./tables.ts";

/** What a turn would change. Nothing is written until the whole turn has been accepted. */
export class Draft {
  readonly events: StoredEvent[] = [];
  readonly changes: RunState = emptyState();
  /** Tokens that the turn claims, or frees (null). */
  readonly tokens: Map<string, HookAddress | null> = new Map();
  readonly conflicts: Record<string, string> = {};
  /** Facts that the turn has not taken. */
  readonly inbox: Map<number, Fact>;
  readonly #tables: Tables;
  readonly #row: RunRow;

  constructor(tables: Tables, row: RunRow) {
    this.#tables = tables;
    this.#row = row;
    this.inbox = new Map(row.inbox.map((fact) => [fact.id, fact]));
  }

  get ended(): boolean {
    const run = this.#entities.run;
    return run !== undefined && isEnded(run);
  }

  /** An acknowledged payload never vanishes (invariant I5): it can only be admitted, if need be undelivered. */
  drop(factId: number): void {
    if (this.#take(factId, "drops").type === "hook_received") {
      throw invalid("drops", `fact ${factId} is a hook payload: admit it as undelivered`);
    }
  }

  enter(entry: TurnEntry): void {
    if (this.ended) throw invalid("entries", "nothing can follow the end of the run");
    const event =
      entry.kind === "event" ? this.#settleToken(entry.event) : this.#admit(entry.factId, entry.undelivered);
    if (isRunTerminal(event.type)) this.#recordLeftovers();
    this.#append(event);
    if (isRunTerminal(event.type)) this.#freeTokens();
  }

  #take(factId: number, field: "entries" | "drops"): NewEvent<"hook_received" | "run_cancelled" | "wait_completed"> {
    const fact = this.inbox.get(factId);
    if (fact === undefined) throw invalid(field, `fact ${factId} is not in the inbox`);
    this.inbox.delete(factId);
    return fact.event;
  }

  #admit(factId: number, undelivered: boolean): NewEvent {
    const event = this.#take(factId, "entries");
    return undelivered && event.type === "hook_received" ? { ...event, data: { undelivered: true } } : event;
  }

  /** A token has one hook at a time (invariant I6): whoever comes second gets a conflict in its history. */
  #settleToken(event: NewEvent): NewEvent {
    if (event.type === "hook_conflict") throw invalid("entries", "only a World writes hook_conflict");
    if (event.type === "hook_received" && this.inbox.size > 0) throw overtaking(this.#row.runId);
    if (event.type !== "hook_created") return event;
    const { token } = event.data;
    const inTurn = this.tokens.get(token);
    const holder = inTurn === undefined ? this.#tables.tokens.get(token) : inTurn;
    if (holder === undefined || holder === null) return event;
    const { payload: _, ...rest } = event;
    this.conflicts[event.correlationId ?? ""] = holder.runId;
    return { ...rest, type: "hook_conflict", data: { token, conflictingRunId: holder.runId } };
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
        this.#noteHook(change.hook);
        break;
      case "wait":
        this.changes.waits.set(change.wait.waitId, change.wait);
        break;
    }
  }

  #noteHook(state: HookState): void {
    const { hookId, token, runId } = state.hook;
    this.changes.hooks.set(hookId, state);
    if (state.status === "active") this.tokens.set(token, { runId, hookId });
    if (state.status === "disposed") this.tokens.set(token, null);
  }

  /** Payloads that were acknowledged and will never be delivered stay visible; other facts mean nothing any more. */
  #recordLeftovers(): void {
    for (const { event } of this.inbox.values()) {
      if (event.type === "hook_received") this.#append({ ...event, data: { undelivered: true } });
    }
    this.inbox.clear();
  }

  #freeTokens(): void {
    const hooks = new Map([...this.#row.entities.hooks, ...this.changes.hooks]);
    for (const { hook, status } of hooks.values()) {
      if (status === "active") this.tokens.set(hook.token, null);
    }
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

/** Facts enter a history in the order in which they were accepted (invariants I2, I5). */
function overtaking(runId: string): WorkflowWorldError {
  return new WorkflowWorldError("PRECONDITION_FAILED", `A payload for run ${runId} would overtake facts in its inbox`);
}

function invalid(field: "entries" | "drops", why: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", `The turn cannot be committed: ${why}`, {
    field,
  });
}
