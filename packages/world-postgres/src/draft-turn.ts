import type { Lease, Turn } from "workflow/world";
import {
  type Draft,
  draftTurn,
  flatten,
  type FlatEntry,
  type HeldRow,
  type InboxRow,
  type KnownState,
  type Refusal,
  type TurnInput,
} from "workflow/world-parts";
import type { Relied, ReliedToken } from "./turn-request.ts";

/** What is known of what a turn is decided by. What is left out is taken to be nothing, and relied upon as that. */
export interface Known {
  readonly state: KnownState;
  readonly inbox: readonly InboxRow[];
  readonly waiting?: readonly HeldRow[];
  readonly tokens?: ReadonlyMap<string, KnownToken>;
  /** Ids for the facts that held payloads become. */
  readonly factIds?: readonly number[];
}

export interface KnownToken {
  readonly holder: ReturnType<TurnInput["holderOf"]>;
  readonly held: readonly HeldRow[];
}

const NOBODY: KnownToken = { holder: undefined, held: [] };

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text cannot be stored as it is. */
export function entriesOf(turn: Turn): readonly FlatEntry[] {
  return turn.entries.map((entry) => {
    if (entry.kind === "continue") return entry;
    return entry.kind === "event" ? flatten(entry.event) : ([entry.factId, entry.undelivered] as const);
  });
}

/** Decides a turn, and says what the decision relies on. */
export function draftWith(
  known: Known,
  { runId }: Lease,
  turn: Turn,
  entries: readonly FlatEntry[],
): { readonly draft: Draft; readonly relied: Relied } | { readonly refusal: Refusal } {
  const tokens = new Map<string, ReliedToken>();
  let waiting: readonly number[] | null = null;
  const factIds = [...(known.factIds ?? [])];
  const tokenOf = (token: string): KnownToken => {
    const found = known.tokens?.get(token) ?? NOBODY;
    const { holder, held } = found;
    const { runId: holderRun = null, hookId = null, state = null } = holder ?? {};
    const ids = held.map(({ id }) => id);
    tokens.set(token, [token, holderRun, hookId, state, ids]);
    return found;
  };
  const draft = draftTurn({
    runId,
    turn: 0,
    entries,
    drops: turn.drops,
    state: known.state,
    inbox: known.inbox,
    holderOf: (token) => tokenOf(token).holder,
    waitingFor: (token) => tokenOf(token).held,
    waiting() {
      waiting = (known.waiting ?? []).map(({ id }) => id);
      return known.waiting ?? [];
    },
    newFactId: () => factIds.shift() ?? 0,
  });
  if ("refusal" in draft) return draft;
  const left = dependsOnInbox(draft) ? leftIn(known.inbox, draft) : null;
  return { draft, relied: { left, waiting, tokens: [...tokens.values()] } };
}

/** Whether it would have come out differently with other facts in the inbox. */
function dependsOnInbox({ writes }: Draft): boolean {
  return writes.some(({ kind, stored }) => {
    if (stored.type === "run_completed" || stored.type === "run_failed" || stored.type === "run_cancelled") return true;
    if (kind === "event" && stored.type === "hook_received") return stored.data.own !== true;
    return stored.type === "hook_disposed" && stored.data.expired === true;
  });
}

function leftIn(inbox: readonly InboxRow[], { taken }: Draft): readonly number[] {
  return inbox.flatMap(({ id }) => (taken.includes(id) ? [] : id));
}
