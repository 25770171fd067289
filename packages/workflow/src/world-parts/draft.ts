import { isRunTerminal, type EventType, type StoredEvent } from "../world/events.ts";
import { emptyState, isEnded, reduce, type Change, type RunState } from "../world/reduce.ts";
import type { HeldRow } from "./held-row.ts";
import {
  type FlatAdmission,
  type FlatContinuation,
  type FlatEntry,
  type FlatEvent,
  refuse,
  type Refusal,
} from "./flat.ts";
import type { KnownState } from "./known-state.ts";
import { type Holder, STATE } from "./tokens.ts";

/** How many events one generation of a run can have. */
export const MOST_EVENTS: number = 2 ** 24 - 1;

/** A fact of the inbox, without its payload. */
export interface InboxRow {
  readonly id: number;
  readonly type: EventType;
  readonly correlation_id: string | null;
  readonly at: number;
  readonly data: string | null;
}

export interface TurnInput {
  readonly runId: string;
  readonly turn: number;
  readonly entries: readonly FlatEntry[];
  readonly drops: readonly number[];
  readonly state: KnownState;
  readonly inbox: readonly InboxRow[];
  holderOf(token: string): Pick<Holder, "runId" | "hookId" | "state"> | undefined;
  /** What a hook of this run with the token would get. */
  waitingFor(token: string): readonly HeldRow[];
  /** What waits for hooks that the run has not created. */
  waiting(): readonly HeldRow[];
  /** The id of the fact that a payload becomes. */
  newFactId(held: HeldRow): number;
}

/**
 * What a turn writes, in the order of the history. `fact` or `held` is where the row's payload comes from; `data` is
 * null where it is as it came.
 */
export type Write =
  | { readonly kind: "event"; readonly stored: StoredEvent; readonly flat: FlatEvent }
  | { readonly kind: "fact"; readonly stored: StoredEvent; readonly fact: InboxRow; readonly data: string | null }
  | { readonly kind: "held"; readonly stored: StoredEvent; readonly held: HeldRow; readonly data: string };

/** A payload that waited for a hook, which is there now: it becomes a fact. */
export interface Move {
  readonly held: HeldRow;
  readonly factId: number;
}

/** A token that a hook gets. */
export interface TokenClaim {
  readonly token: string;
  readonly hookId: string;
  /** Of its `hook_created`. */
  readonly position: number;
  readonly moves: readonly Move[];
}

export interface Draft {
  readonly writes: readonly Write[];
  readonly changes: RunState;
  readonly conflicts: Readonly<Record<string, string>>;
  readonly claims: readonly TokenClaim[];
  /** Facts that leave the inbox. */
  readonly taken: readonly number[];
  readonly unread: boolean;
  /** What the turn ends with, where the run goes on with a new history. */
  readonly continuation: FlatContinuation | undefined;
}

/** What a turn would change, or why it cannot be. Reads only. */
export function draftTurn(input: TurnInput): Draft | { readonly refusal: Refusal } {
  const drafting = new Drafting(input);
  for (const factId of input.drops) drafting.drop(factId);
  for (const entry of input.entries) drafting.enter(entry);
  return drafting.refused === undefined ? drafting.result() : { refusal: drafting.refused };
}

class Drafting {
  refused: Refusal | undefined;
  readonly #input: TurnInput;
  readonly #writes: Write[] = [];
  readonly #changes = emptyState();
  readonly #conflicts: Record<string, string> = {};
  readonly #claims: TokenClaim[] = [];
  readonly #moved = new Set<number>();
  readonly #left: Map<number, InboxRow>;
  readonly #taken: number[] = [];
  #continuation: FlatContinuation | undefined;
  /** Hooks that give up their tokens in this turn, where they still have them. */
  readonly #disposed = new Set<string>();
  /** Tokens that this turn claims, and may free again (undefined). */
  readonly #tokens = new Map<string, ReturnType<TurnInput["holderOf"]>>();

  constructor(input: TurnInput) {
    this.#input = input;
    this.#left = new Map(input.inbox.map((fact) => [fact.id, fact]));
  }

  result(): Draft {
    return {
      writes: this.#writes,
      changes: this.#changes,
      conflicts: this.#conflicts,
      claims: this.#claims,
      taken: this.#taken,
      unread: this.#left.size > 0,
      continuation: this.#continuation,
    };
  }

  /** An acknowledged payload never vanishes (invariant I5): it can only be admitted, if need be undelivered. */
  drop(factId: number): void {
    const fact = this.#take(factId, "drops");
    if (fact?.type === "hook_received")
      this.#refuse(`fact ${factId} is a hook payload: admit it as undelivered`, "drops");
    if (fact?.type === "attr_set") this.#refuse(`fact ${factId} sets attributes: admit it`, "drops");
  }

  enter(entry: FlatEntry): void {
    if (this.refused !== undefined) return;
    if (this.#ended()) return this.#refuse("nothing can follow the end of the run", "entries");
    if (isContinuation(entry)) {
      this.#continuation = entry;
    } else if (isAdmission(entry)) {
      const fact = this.#take(entry[0], "entries");
      if (fact !== undefined) this.#admit(fact, entry[1] && fact.type === "hook_received");
    } else if (entry[0] === "hook_conflict") {
      this.#refuse("only a World writes hook_conflict", "entries");
    } else if (this.#overtakes(entry)) {
      const why = `A ${entry[0]} of run ${this.#input.runId} would overtake facts in its inbox`;
      this.refused = refuse("PRECONDITION_FAILED", why).refusal;
    } else {
      this.#write(this.#settleToken(entry));
    }
  }

  /**
   * Facts enter a history in the order in which they were accepted, and what a hook got in time before its end
   * (invariants I2, I5).
   */
  #overtakes([type, hookId, , data]: FlatEvent): boolean {
    if (type === "hook_received" && !isOwn(data)) return this.#left.size > 0;
    if (type !== "hook_disposed" || data === null || JSON.parse(data).expired !== true) return false;
    return [...this.#left.values()].some((fact) => fact.type === "hook_received" && fact.correlation_id === hookId);
  }

  #take(factId: number, field: "entries" | "drops"): InboxRow | undefined {
    const fact = this.#left.get(factId);
    if (fact === undefined) this.#refuse(`fact ${factId} is not in the inbox`, field);
    else this.#taken.push(factId);
    this.#left.delete(factId);
    return fact;
  }

  #admit(fact: InboxRow, undelivered: boolean): void {
    if (isRunTerminal(fact.type)) this.#recordLeftovers();
    const data = undelivered ? undeliveredData(fact.data) : null;
    const stored = this.#place([fact.type, fact.correlation_id, fact.at, data ?? fact.data, null]);
    this.#writes.push({ kind: "fact", stored, fact, data });
    this.#apply(stored);
  }

  #write(flat: FlatEvent): void {
    if (isRunTerminal(flat[0])) this.#recordLeftovers();
    const stored = this.#place(flat);
    this.#writes.push({ kind: "event", stored, flat });
    this.#apply(stored);
  }

  /**
   * Payloads that were acknowledged and will never be delivered stay visible, attributes that were are set; other facts
   * mean nothing any more.
   */
  #recordLeftovers(): void {
    for (const fact of this.#left.values()) {
      this.#take(fact.id, "entries");
      if (fact.type === "hook_received" || fact.type === "attr_set") this.#admit(fact, fact.type === "hook_received");
    }
    for (const held of this.#input.waiting()) {
      if (this.#moved.has(held.id)) continue;
      const data = undeliveredData(held.data, held.token);
      const stored = this.#place(["hook_received", null, held.at, data, null]);
      this.#writes.push({ kind: "held", stored, held, data });
      this.#apply(stored);
    }
  }

  #holderOf(token: string): ReturnType<TurnInput["holderOf"]> {
    if (this.#tokens.has(token)) return this.#tokens.get(token);
    const holder = this.#input.holderOf(token);
    return holder?.runId === this.#input.runId && this.#disposed.has(holder.hookId) ? undefined : holder;
  }

  /** A token has one hook at a time (invariant I6): whoever comes second gets a conflict in its history. */
  #settleToken(flat: FlatEvent): FlatEvent {
    const [type, hookId, at, data] = flat;
    if (type !== "hook_created") return flat;
    const { token } = JSON.parse(data ?? "{}") as { readonly token: string };
    const holder = this.#holderOf(token);
    const owned = holder?.state === STATE.owned && holder.runId === this.#input.runId;
    if (holder === undefined || owned) {
      this.#claim(token, hookId ?? "");
      return flat;
    }
    this.#conflicts[hookId ?? ""] = holder.runId;
    return ["hook_conflict", hookId, at, JSON.stringify({ token, conflictingRunId: holder.runId }), null];
  }

  /** What waited for the token becomes facts for the hook, in the order in which it was accepted. */
  #claim(token: string, hookId: string): void {
    const moves: Move[] = [];
    for (const held of this.#input.waitingFor(token)) {
      if (this.#moved.has(held.id)) continue;
      this.#moved.add(held.id);
      const factId = this.#input.newFactId(held);
      this.#left.set(factId, {
        id: factId,
        type: "hook_received",
        correlation_id: hookId,
        at: held.at,
        data: held.data,
      });
      moves.push({ held, factId });
    }
    const position = this.#input.state.length + this.#writes.length + 1;
    this.#claims.push({ token, hookId, position, moves });
  }

  /** The state machine sees events without payloads: it does not look at them. */
  #place([type, correlationId, at, data]: FlatEvent): StoredEvent {
    return {
      type,
      data: data === null ? {} : JSON.parse(data),
      at,
      position: this.#input.state.length + this.#writes.length + 1,
      turn: this.#input.turn,
      ...(correlationId !== null && { correlationId }),
    } as StoredEvent;
  }

  #apply(event: StoredEvent): void {
    if (event.position > MOST_EVENTS) this.#refuse(`a run has at most ${MOST_EVENTS} events`, "entries");
    const known = this.#input.state.entities;
    const changes = this.#changes;
    const change = reduce(
      this.#input.runId,
      {
        run: changes.run ?? known.run,
        step: (id) => changes.steps.get(id) ?? known.steps.get(id),
        hook: (id) => changes.hooks.get(id) ?? known.hooks.get(id),
        wait: (id) => changes.waits.get(id) ?? known.waits.get(id),
      },
      event,
    );
    if (change.kind === "refused") this.refused ??= refuse("ENTITY_CONFLICT", change.reason).refusal;
    else this.#note(change);
  }

  #note(change: Change): void {
    note(this.#changes, change);
    if (change.kind !== "hook") return;
    const { hook, status } = change.hook;
    const { token, hookId } = hook;
    const { runId } = this.#input;
    if (status === "active") this.#tokens.set(token, { runId, hookId, state: STATE.active });
    if (status !== "disposed") return;
    // Since it expired, another hook may have got the token.
    this.#disposed.add(hookId);
    if (this.#tokens.get(token)?.hookId === hookId) this.#tokens.set(token, undefined);
  }

  #ended(): boolean {
    const run = this.#changes.run ?? this.#input.state.entities.run;
    return this.#continuation !== undefined || (run !== undefined && isEnded(run));
  }

  #refuse(why: string, field: "entries" | "drops"): void {
    this.refused ??= refuse("INVALID_ARGUMENT", `The turn cannot be committed: ${why}`, field).refusal;
  }
}

/** The data of a `hook_received` that the run never saw; with a `token`, because it never created the hook. */
function undeliveredData(data: string | null, token?: string): string {
  const said = data === null ? {} : (JSON.parse(data) as object);
  return JSON.stringify({ ...said, ...(token !== undefined && { token }), undelivered: true });
}

/** Whether a `hook_received` is workflow code's own word. */
function isOwn(data: string | null): boolean {
  return data !== null && JSON.parse(data).own === true;
}

function isContinuation(entry: FlatEntry): entry is FlatContinuation {
  return "codeHash" in entry;
}

function isAdmission(entry: FlatEvent | FlatAdmission): entry is FlatAdmission {
  return typeof entry[0] === "number";
}

function note(state: RunState, change: Change): void {
  if (change.kind === "run") state.run = change.run;
  if (change.kind === "step") state.steps.set(change.step.stepId, change.step);
  if (change.kind === "hook") state.hooks.set(change.hook.hook.hookId, change.hook);
  if (change.kind === "wait") state.waits.set(change.wait.waitId, change.wait);
}
