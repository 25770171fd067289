import type { Lease, Turn } from "workflow/world";
import {
  type EventRow,
  type HeldRow,
  type Holder,
  type InboxRow,
  type KnownState,
  stateOf,
} from "workflow/world-parts";
import type { Core } from "./core.ts";
import type { Queries } from "./database/database.ts";
import type { Known, KnownToken } from "./draft-turn.ts";

/** What the server knows of a run that a turn is for, under the locks that it needs until the transaction ends. */
export interface TurnContext {
  readonly length: number;
  readonly epoch: number;
  /** The row of the worker that owns it. */
  readonly owner: number | null;
  /** Of the last turn. */
  readonly key: number | null;
  readonly known: Known;
}

type HeldTuple = readonly [number, string, string | null, number, number, string | null, number?];

interface Row {
  readonly context: {
    readonly length: number;
    readonly epoch: number;
    readonly generation: number;
    readonly key: number | null;
    readonly owner: number | null;
    readonly history: readonly [number, EventRow["type"], string | null, number, number, string | null][];
    readonly inbox: readonly [number, InboxRow["type"], string | null, number, string | null][];
    readonly waiting: readonly HeldTuple[];
    readonly tokens: readonly [string, string | null, string | null, number | null, readonly HeldTuple[]][];
  } | null;
}

export type ReadContext = (connection: Queries, lease: Lease, turn: Turn) => Promise<TurnContext | null>;

export function createReadContext({ sql, clock }: Pick<Core, "sql" | "clock">): ReadContext {
  const read = sql("turn_context", "SELECT {schema}.turn_context($1, $2::jsonb, $3::jsonb, $4) AS context");
  return async (connection, { runId }, turn) => {
    const tokens = tokensIn(turn);
    const locks = [...tokens.map((token) => `token ${token}`), ...endsIn(turn), `end ${runId}`];
    const values = [runId, JSON.stringify(locks), JSON.stringify(tokens), clock.now()];
    const [row] = await connection.query<Row>(read, values);
    const context = row?.context ?? null;
    return context === null ? null : contextOf(runId, context);
  };
}

/** The tokens of hooks that the turn creates, or may end: a run that ends decides nothing about others. */
function tokensIn(turn: Turn): readonly string[] {
  return turn.entries.flatMap((entry) =>
    entry.kind === "event" && entry.event.type === "hook_created" ? entry.event.data.token : [],
  );
}

function endsIn(turn: Turn): readonly string[] {
  return turn.entries.flatMap((entry) => {
    if (entry.kind !== "event" || entry.event.type !== "step_created") return [];
    const { awaits } = entry.event.data;
    return awaits === undefined ? [] : `end ${awaits}`;
  });
}

function contextOf(runId: string, context: NonNullable<Row["context"]>): TurnContext {
  const { length, epoch, owner, key } = context;
  const rows = context.history.map(([position, type, correlation_id, turn, at, data]): EventRow => ({
    position,
    type,
    correlation_id,
    turn,
    at,
    data,
    payload: null,
  }));
  const state: KnownState = stateOf(runId, rows);
  const inbox = context.inbox.map(([id, type, correlation_id, at, data]): InboxRow => ({
    id,
    type,
    correlation_id,
    at,
    data,
  }));
  const tokens = new Map(context.tokens.map((token) => [token[0], knownToken(token)]));
  const fresh = context.tokens.flatMap(([, , , , held]) => held.map((tuple) => tuple[6] ?? 0));
  const factIds = fresh.toSorted((a, b) => a - b);
  return { length, epoch, owner, key, known: { state, inbox, waiting: context.waiting.map(heldRow), tokens, factIds } };
}

function knownToken([, runId, hookId, state, held]: NonNullable<Row["context"]>["tokens"][number]): KnownToken {
  const holder: Pick<Holder, "runId" | "hookId" | "state"> | undefined =
    runId === null || hookId === null || state === null ? undefined : { runId, hookId, state };
  return { holder, held: held.map(heldRow) };
}

function heldRow([id, token, key, at, accepted_at, data]: HeldTuple): HeldRow {
  return { id, token, key, at, accepted_at, data };
}
