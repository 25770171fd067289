import type { DatabaseSync } from "node:sqlite";
import type { WorkflowRun } from "../world/entities.ts";
import { isEnded } from "../world/reduce.ts";
import { prepareAttributeRows } from "./attributes.ts";
import { type Awaited, type Notified, prepareAwaited } from "./awaited.ts";
import type { EventStore } from "./blobs.ts";
import { prepareContinue } from "./continue.ts";
import { type Draft, draftTurn, type InboxRow, type TokenClaim, type Write } from "../world-parts/draft.ts";
import { eventKey } from "./event-keys.ts";
import { prepareExpire } from "./expire.ts";
import type { Keys } from "./keys.ts";
import { leaseLost, type Refusal, refuse, UNREAD } from "../world-parts/flat.ts";
import { type Operation, type Requests } from "./operations.ts";
import { keep, type KnownState } from "../world-parts/known-state.ts";
import { type RunStates } from "./run-states.ts";
import type { TokenTables } from "./token-tables.ts";
import { systemHooksIn } from "../world-parts/system-hooks.ts";
import { STATE } from "../world-parts/tokens.ts";

interface RunRow {
  readonly id: number;
  readonly length: number;
  readonly turn: number;
  readonly epoch: number;
  readonly generation: number;
  readonly due_at: number | null;
  readonly worker: string | null;
}

export function prepareCommit(
  db: DatabaseSync,
  events: EventStore,
  states: RunStates,
  tables: TokenTables,
): Operation<"commit"> {
  const find = db.prepare(`
    SELECT r.id, r.length, r.turn, r.epoch, r.generation, r.due_at, w.worker
    FROM runs r LEFT JOIN workers w ON w.id = r.owner AND w.gone = 0 WHERE r.run_id = ?`);
  const findInbox = db.prepare("SELECT id, type, correlation_id, at, data FROM inbox WHERE run = ? ORDER BY id");
  const { holderOf, held, newFactId } = tables;
  const awaited = prepareAwaited(db, newFactId);
  const write = prepareWrite(db, events, tables, awaited);
  const continueAsNew = prepareContinue(db, events, states, awaited, tables);
  const findCode = db.prepare("SELECT 1 FROM code WHERE hash = ? AND collected = 0");

  return (request) => {
    const run = find.get(request.runId) as RunRow | undefined;
    if (run === undefined) return leaseLost(request.runId, "there is no such run");
    const lost = fence(run, request);
    if (lost !== undefined) return lost;
    const state = states.of(run.id, request.runId, run.length, run.generation);
    const inbox = findInbox.all(run.id) as unknown as InboxRow[];
    const { now } = request;
    const draft = draftTurn({
      ...request,
      turn: run.turn + 1,
      state,
      inbox,
      newFactId,
      holderOf: (token) => holderOf(token, now),
      waitingFor: (token) => held.waitingFor(token, run.id, now),
      waiting: () => held.waitingOf(run.id),
    });
    if ("refusal" in draft) return draft;
    const { conflicts, changes, continuation } = draft;
    if (continuation !== undefined && findCode.get(continuation.codeHash) === undefined)
      return refuse("PRECONDITION_FAILED", `The code ${continuation.codeHash} is not stored, or not any more`);
    const written = write(run, state, draft, request);
    if (continuation !== undefined) {
      const unread = continueAsNew(run.id, state.entities.run as WorkflowRun, continuation, now);
      return { value: { conflicts, unread, ended: false, notified: [], received: [] } };
    }
    const ended = changes.run !== undefined && isEnded(changes.run);
    if (ended) states.forget(run.id);
    return { value: { conflicts, ...written, ended, received: systemHooksIn(draft, state) } };
  };
}

/** Only the holder of the latest lease appends, and only to the history that it has seen (invariant I1). */
function fence(run: RunRow, request: Requests["commit"]): { readonly refusal: Refusal } | undefined {
  const { runId, worker, epoch, after } = request;
  if (run.worker !== worker) return leaseLost(runId, `${worker} does not own the run`);
  if (run.epoch !== epoch) return leaseLost(runId, `it was leased again since (epoch ${run.epoch}, not ${epoch})`);
  if (run.length !== after) return leaseLost(runId, `the history ends at ${run.length}, not at ${after}`);
  return undefined;
}

/** What a turn has led to beside its own rows. */
interface Written {
  readonly unread: boolean;
  readonly notified: readonly Notified[];
}

function prepareWrite(
  db: DatabaseSync,
  events: EventStore,
  { keys, forget }: TokenTables,
  awaited: Awaited,
): (run: RunRow, state: KnownState, draft: Draft, request: Pick<Requests["commit"], "dueAt" | "now">) => Written {
  const removeFact = db.prepare("DELETE FROM inbox WHERE run = ? AND id = ?");
  const removeHooks = db.prepare(`
    DELETE FROM hooks WHERE run = :run
      AND (retained_until IS NULL OR retained_until <= :now OR expires_at <= :now OR state = ${STATE.owned})`);
  const retainHooks = db.prepare(`UPDATE hooks SET state = ${STATE.retained} WHERE run = ?`);
  const removeHeld = db.prepare("DELETE FROM held WHERE run = ?");
  const progress = `
    UPDATE runs SET length = ?, turn = ?, problem = NULL, status = ?, started_at = ?, ended_at = ?, updated_at = ?`;
  // due_at is indexed: left alone where it stays, an index page less is written.
  const keepDue = db.prepare(`${progress} WHERE id = ?`);
  const setDue = db.prepare(`${progress}, due_at = ? WHERE id = ?`);
  const end = db.prepare(`${progress}, due_at = NULL, owner = NULL WHERE id = ?`);
  const setCancelling = db.prepare("UPDATE runs SET cancelling = ? WHERE id = ?");
  const claim = prepareClaim(db, keys);
  const append = prepareAppend(db, events);
  const expire = prepareExpire(db);

  return (run, state, draft, { dueAt, now }) => {
    for (const claimed of draft.claims) claim(run.id, claimed);
    for (const entry of draft.writes) append(run.id, entry);
    for (const factId of draft.taken) removeFact.run(run.id, factId);
    keep(state.entities, draft.changes);
    state.length += draft.writes.length;
    const after = state.entities.run as WorkflowRun;
    if (after.cancelling !== undefined && draft.changes.run !== undefined) {
      setCancelling.run(JSON.stringify(after.cancelling), run.id);
    }
    const row = [
      state.length,
      run.turn + 1,
      after.status,
      after.startedAt?.getTime() ?? null,
      after.completedAt?.getTime() ?? null,
      after.updatedAt.getTime(),
    ];
    const isOver = isEnded(after) || draft.continuation !== undefined;
    const unread = (!isOver && noteAwaited(awaited, run.id, draft.writes, now)) || draft.unread;
    const due = unread ? UNREAD : dueAt;
    let notified: readonly Notified[] = [];
    if (isEnded(after)) {
      notified = awaited.settle(run.id, after, state.length, now);
      end.run(...row, run.id);
      removeHooks.run({ run: run.id, now });
      if (Number(retainHooks.run(run.id).changes) > 0) forget(now);
      removeHeld.run(run.id);
      if (after.expiredAt !== undefined) expire(run.id);
    } else if (due === run.due_at) keepDue.run(...row, run.id);
    else setDue.run(...row, due, run.id);
    return { unread, notified };
  };
}

/** Whether the outcome of a step is known at once, because the run that it awaits is over. */
function noteAwaited(awaited: Awaited, run: number, writes: readonly Write[], now: number): boolean {
  let known = false;
  for (const { stored } of writes) {
    if (stored.type === "step_created" && stored.data.awaits !== undefined)
      known = awaited.note(run, stored, now) || known;
  }
  return known;
}

/** What waited for a hook goes into the inbox, and the keys of it lead to the hook. */
function prepareClaim(db: DatabaseSync, keys: Keys): (run: number, claim: TokenClaim) => void {
  const post = db.prepare(`
    INSERT INTO inbox SELECT ?, ?, 'hook_received', ?, at, data, payload FROM held WHERE id = ?`);
  const remove = db.prepare("DELETE FROM held WHERE id = ?");

  return (run, { token, hookId, position, moves }) => {
    const hook = { run, hookId, event: eventKey(run, position) };
    for (const { held, factId } of moves) {
      post.run(run, factId, hookId, held.id);
      remove.run(held.id);
      if (held.key !== null) keys.remember(token, held.key, hook, held.accepted_at);
    }
  };
}

/** Writes one event and, for hooks, the row that it implies. */
function prepareAppend(db: DatabaseSync, events: EventStore): (run: number, entry: Write) => void {
  const insert = db.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)");
  // The payload of a fact goes from table to table and is never read here.
  const admit = db.prepare(`
    INSERT INTO events SELECT ?, type, correlation_id, ?, at, coalesce(?, data), payload
    FROM inbox WHERE run = ? AND id = ?`);
  const fromHeld = db.prepare(`
    INSERT INTO events SELECT ?, 'hook_received', NULL, ?, at, ?, payload FROM held WHERE id = ?`);
  // The row of a hook that has expired, or of a run that owned the token, goes.
  const claim = db.prepare(`
    INSERT OR REPLACE INTO hooks (token, hook_id, run, event, is_webhook, created_at, expires_at, retained_until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const attributes = prepareAttributeRows(db);
  const dispose = db.prepare("DELETE FROM hooks INDEXED BY hooks_by_id WHERE hook_id = ? AND run = ?");

  return (run, entry) => {
    const { stored } = entry;
    const key = eventKey(run, stored.position);
    if (entry.kind === "fact") {
      admit.run(key, stored.turn, entry.data, run, entry.fact.id);
      events.copied(key);
      if (stored.type === "attr_set") attributes.change(run, stored.data.changes);
      return;
    }
    if (entry.kind === "held") {
      fromHeld.run(key, stored.turn, entry.data, entry.held.id);
      return events.copied(key);
    }
    const [type, correlationId, at, data, payload] = entry.flat;
    insert.run(key, type, correlationId, stored.turn, at, data, events.store(payload));
    if (stored.type === "hook_created") {
      const { token, isWebhook, expiresAt = null, tokenRetentionUntil = null } = stored.data;
      claim.run(token, correlationId, run, key, isWebhook ? 1 : 0, at, expiresAt, tokenRetentionUntil);
    }
    if (stored.type === "attr_set") attributes.change(run, stored.data.changes);
    if (stored.type === "hook_disposed") dispose.run(correlationId, run);
  };
}
