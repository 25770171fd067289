import { isEnded, type AwaitedEnd, type Lease, type StoredEvent, type Turn, type WorkflowRun } from "workflow/world";
import {
  createdAnew,
  type Draft,
  type FlatContinuation,
  type KnownState,
  type Write as DraftWrite,
} from "workflow/world-parts";
import type { Rows, Write } from "./batches.ts";

/** What a draft took for granted of what the client did not know for sure. */
export interface Relied {
  /** Facts that must be the only ones beside those that the turn takes; null: does not matter. */
  readonly left: readonly number[] | null;
  /** What must be held for the run; null: does not matter. */
  readonly waiting: readonly number[] | null;
  readonly tokens: readonly ReliedToken[];
}

/** Who must have a token, and what a hook with it gets. */
export type ReliedToken = readonly [
  token: string,
  runId: string | null,
  hookId: string | null,
  state: number | null,
  held: readonly number[],
];

export interface TurnParts {
  readonly lease: Lease;
  /** The row of the worker. */
  readonly worker: number;
  readonly turn: Turn;
  readonly state: KnownState;
  readonly draft: Draft;
  readonly relied: Relied;
  /** Says that a turn whose answer was lost is the same one. */
  readonly key: number;
  pack(payload: string | null): string | null;
}

/**
 * A turn that was decided, as the server applies it. `plainly`: in the short way, if it is such a turn; where that is
 * not answered, something speaks against it, and the long way tells what.
 */
export function turnRequest(parts: TurnParts, plainly: boolean): Write {
  const { lease, worker, turn, state, draft, key } = parts;
  const { entities } = state;
  const after = draft.changes.run ?? entities.run;
  const over = after !== undefined && isEnded(after);
  const locks = locksOf(parts, over);
  const rows = rowsOf(parts, over, after);
  const row = {
    run: lease.runId,
    worker,
    epoch: lease.epoch,
    after: turn.after,
    gen: entities.run?.generation ?? 0,
    key,
    len: turn.after + draft.writes.length,
    status: after?.status,
    started: after?.startedAt?.getTime() ?? null,
    updated: after?.updatedAt.getTime() ?? null,
    cancelling: after?.cancelling === undefined ? null : JSON.stringify(after.cancelling),
    due: turn.dueAt,
  };
  const quiet = isQuiet(parts.relied);
  const outcomes = over ? outcomesOf(after, draft.writes.at(-1)) : undefined;
  if (plainly && quiet !== undefined && isOnlyEvents(rows) && (over || !withdraws(draft, over))) {
    const events = rows["events"];
    if (locks.length === 0) return { kind: "plain", body: { ...row, quiet, events } };
    const { outcome, expire } = outcomes ?? { outcome: null, expire: true };
    if (!expire && locks.length === 1) {
      return { kind: "ends", body: { ...row, ended: after?.completedAt?.getTime() ?? null, outcome, events } };
    }
  }
  const taken = takenBefore(draft);
  const relies = taken.length > 0 || quiet !== false;
  return {
    kind: "turns",
    body: {
      ...row,
      ended: after?.completedAt?.getTime() ?? null,
      ...(withdraws(draft, over) && { withdraw: true }),
      over,
      ...outcomes,
      ...(locks.length > 0 && { locks }),
      ...(relies && { rely: { taken, ...parts.relied } }),
    },
    rows,
  };
}

/** Whether it relies on an empty inbox; undefined when it relies on more than that. */
function isQuiet({ left, waiting, tokens }: Relied): boolean | undefined {
  if (tokens.length > 0 || (waiting?.length ?? 0) > 0) return undefined;
  if (left === null) return false;
  return left.length === 0 ? true : undefined;
}

function isOnlyEvents(rows: Rows): boolean {
  return Object.entries(rows).every(([table, own]) => table === "events" || own.length === 0);
}

/** The facts that it takes from the inbox as it is before the turn. */
function takenBefore({ taken, claims }: Draft): readonly number[] {
  const moved = claims.flatMap(({ moves }) => moves.map(({ factId }) => factId));
  return taken.filter((id) => !moved.includes(id));
}

/** Tokens, and the ends of runs. */
function locksOf({ lease, draft, relied }: TurnParts, over: boolean): readonly string[] {
  const locks = relied.tokens.map(([token]) => `token ${token}`);
  if (over) locks.push(`end ${lease.runId}`);
  for (const { stored } of draft.writes) {
    if (stored.type === "step_created" && stored.data.awaits !== undefined) locks.push(`end ${stored.data.awaits}`);
  }
  return locks;
}

/** What those get who await the run: now, and once its data may be gone. `expire`: it goes with the end. */
interface Outcomes {
  readonly outcome_now: string | null;
  readonly outcome: string | null;
  readonly expire: boolean;
}

function outcomesOf(run: WorkflowRun, last: DraftWrite | undefined): Outcomes {
  const isBare = run.status !== "cancelled" && (last?.kind !== "event" || last.flat[4] === null);
  const expired = { runId: run.runId, status: "expired" } as const;
  const end = isBare ? expired : endOf(run);
  const expire = run.expiredAt !== undefined;
  const later = expire && run.status !== "cancelled" ? expired : end;
  return { outcome_now: dataOf(end), outcome: dataOf(later), expire };
}

function endOf({ runId, status, errorCode, cancelReason }: WorkflowRun): AwaitedEnd | null {
  if (status === "completed") return null;
  return {
    runId,
    status: status === "failed" ? "failed" : "cancelled",
    ...(errorCode !== undefined && { errorCode }),
    ...(cancelReason !== undefined && { cancelReason }),
  };
}

function dataOf(run: AwaitedEnd | null): string | null {
  return run === null ? null : JSON.stringify({ run });
}

function rowsOf(parts: TurnParts, over: boolean, after: WorkflowRun | undefined): Rows {
  const { draft, state, lease } = parts;
  const { continuation } = draft;
  const isOver = over || continuation !== undefined;
  const rows: Record<string, object[]> = { events: [], admits: [], held: [], taken: [], moves: [], awaits: [] };
  for (const write of draft.writes) addWrite(rows, write, parts.pack);
  for (const f of draft.taken) rows["taken"]?.push({ f });
  for (const { hookId, position, moves } of draft.claims) {
    for (const { held, factId } of moves) rows["moves"]?.push({ h: held.id, f: factId, hook: hookId, p: position });
  }
  if (isOver) rows["awaits"] = [];
  return {
    ...rows,
    ...hookRows(draft),
    offers: offerRows(parts),
    attributes: attributeRows(draft.writes),
    continuations:
      continuation === undefined || after === undefined
        ? []
        : [continuationRow(continuation, state.entities.run ?? after, lease.runId, parts.pack)],
  };
}

function addWrite(rows: Record<string, object[]>, write: DraftWrite, pack: TurnParts["pack"]): void {
  const { stored } = write;
  const p = stored.position;
  if (write.kind === "fact") rows["admits"]?.push({ p, f: write.fact.id, d: write.data });
  else if (write.kind === "held") rows["held"]?.push({ p, h: write.held.id, d: write.data });
  else {
    const [t, c, a, d, y] = write.flat;
    rows["events"]?.push({ p, t, c, a, d, y: pack(y) });
    if (stored.type !== "step_created" || stored.data.awaits === undefined) return;
    const missing = JSON.stringify({ run: { runId: stored.data.awaits, status: "missing" } satisfies AwaitedEnd });
    rows["awaits"]?.push({ s: c, target: stored.data.awaits, missing });
  }
}

/** Whether the run waits for none of the steps that it has offered before. */
function withdraws({ writes, continuation }: Draft, over: boolean): boolean {
  return over || continuation !== undefined || writes.some(({ stored }) => stored.type === "cancel_requested");
}

function offerRows({ turn, pack }: TurnParts): readonly object[] {
  return (turn.offers ?? []).map(({ input, ...offer }, i) => {
    return { i, s: offer.stepId, name: offer.stepName, d: JSON.stringify(offer), y: pack(input ?? null) };
  });
}

/** Hooks that got tokens, those that gave them up again as `gone`, and hooks that were there before and are not. */
function hookRows({ writes }: Draft): Pick<Rows, "hooks" | "disposed"> {
  const hooks = new Map<string, object>();
  const disposed: object[] = [];
  for (const { stored } of writes) {
    const hook = stored.correlationId ?? "";
    if (stored.type === "hook_created") hooks.set(hook, hookRow(stored));
    if (stored.type !== "hook_disposed") continue;
    const created = hooks.get(hook);
    if (created === undefined) disposed.push({ hook });
    else hooks.set(hook, { ...created, gone: true });
  }
  return { hooks: [...hooks.values()], disposed };
}

function hookRow({ correlationId: hook, position: p, at, data }: StoredEvent<"hook_created">): object {
  const { token, isWebhook, isSystem = false, expiresAt = null, tokenRetentionUntil = null } = data;
  const isPlain = !isWebhook && !isSystem && expiresAt === null && tokenRetentionUntil === null;
  return {
    hook,
    token,
    p,
    at,
    webhook: isWebhook,
    system: isSystem,
    expires: expiresAt,
    retained: tokenRetentionUntil,
    settings: isPlain ? null : JSON.stringify(data),
  };
}

/** Keys and values as JSON: a value may hold what no text of PostgreSQL can. */
function attributeRows(writes: readonly DraftWrite[]): readonly object[] {
  const values = new Map<string, string | null>();
  for (const { stored } of writes) {
    if (stored.type !== "attr_set") continue;
    for (const { key, value } of stored.data.changes) values.set(key, value);
  }
  return [...values].map(([key, value]) => ({
    k: JSON.stringify(key),
    v: value === null ? null : JSON.stringify(value),
  }));
}

function continuationRow(
  { codeHash, input, at, hooks, untaken }: FlatContinuation,
  before: WorkflowRun,
  runId: string,
  pack: TurnParts["pack"],
): object {
  return {
    run: runId,
    code: codeHash,
    at,
    d: JSON.stringify(createdAnew(before, codeHash, at).data),
    y: pack(input),
    created: before.createdAt.getTime(),
    hooks: hooks.map(({ token, hookId }) => [token, hookId]),
    untaken,
  };
}
