import type { DatabaseSync } from "node:sqlite";
import type { StoredEvent } from "../world/events.ts";
import { prepareAttributeRows } from "./attributes.ts";
import type { EventStore } from "./blobs.ts";
import { eventKey } from "./event-keys.ts";
import { type FlatClaim, type FlatDelivery, type FlatEvent, refuse } from "../world-parts/flat.ts";
import { type Answers, type Operation, type Requests } from "./operations.ts";
import { type Resume, withKey } from "./resume.ts";
import type { RunStates } from "./run-states.ts";
import type { TokenTables } from "./token-tables.ts";
import { STATE } from "../world-parts/tokens.ts";
import { notJoined, type Workers } from "./workers.ts";

export function preparePutCode(db: DatabaseSync): Operation<"putCode"> {
  const insert = db.prepare(`
    INSERT INTO code (hash, source, map, stored_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (hash) DO UPDATE SET source = iif(collected, excluded.source, source),
      map = iif(collected, excluded.map, map), collected = 0, stored_at = excluded.stored_at`);
  return ({ hash, source, map, now }) => {
    insert.run(hash, source, map, now);
    return { value: null };
  };
}

/**
 * Runs are looked through from where the last look ended, in the order of their creation, so that each ended run is
 * passed once: an index of the runs that need a code would cost every start and every end a page.
 */
export function prepareCollectCode(db: DatabaseSync): Operation<"collectCode"> {
  const kept = db.prepare("SELECT id, needed_from FROM code WHERE collected = 0 AND stored_at < ?");
  const nextNeed = db.prepare(`
    SELECT id FROM runs WHERE id >= ? AND code = ? AND ended_at IS NULL ORDER BY id LIMIT 1`);
  const lastRun = db.prepare("SELECT coalesce(max(id), 0) AS id FROM runs");
  const move = db.prepare("UPDATE code SET needed_from = ? WHERE id = ?");
  const clear = db.prepare("UPDATE code SET source = '', map = '', collected = 1, needed_from = ? WHERE id = ?");

  return ({ storedBefore }) => {
    let removed = 0;
    for (const { id: code, needed_from: from } of kept.all(storedBefore) as { id: number; needed_from: number }[]) {
      const need = nextNeed.get(from, code)?.["id"] as number | undefined;
      if (need === undefined) {
        clear.run(lastRun.get()?.["id"] as number, code);
        removed += 1;
      } else if (need !== from) move.run(need, code);
    }
    return { value: removed };
  };
}

export interface CreateParts {
  readonly events: EventStore;
  readonly workers: Workers;
  readonly states: RunStates;
  resume(resume: Resume): FlatDelivery;
  readonly tables: TokenTables;
}

export function prepareCreateRun(db: DatabaseSync, parts: CreateParts): Operation<"createRun"> {
  const { workers, states, events } = parts;
  const instead = prepareInstead(db, parts);
  const findCode = db.prepare("SELECT id FROM code WHERE hash = ? AND collected = 0");
  const findRun = db.prepare("SELECT 1 FROM runs WHERE run_id = ?");
  const insertRun = db.prepare(`
    INSERT INTO runs (run_id, workflow_name, code, seed, status, created_at, length, turn, epoch, owner, due_at, start_key)
    VALUES (?, ?, ?, ?, 'pending', ?, 1, 1, ?, ?, 0, ?)`);
  const insertEvent = db.prepare("INSERT INTO events VALUES (?, ?, ?, 1, ?, ?, ?)");
  const own = prepareOwn(db, parts);
  const attributes = prepareAttributeRows(db);

  return (request) => {
    const { runId, workflowName, codeHash, seed, startKey, claim, now } = request;
    const owner = request.worker === null ? null : workers.present(request.worker);
    if (owner === undefined) return notJoined(request.worker ?? "");
    const other = instead(request);
    if (other !== undefined) return { value: other };
    const code = findCode.get(codeHash)?.["id"] as number | undefined;
    if (code === undefined) {
      return refuse(
        "INVALID_ARGUMENT",
        `The code ${codeHash} is not stored. Store it before its first run`,
        "codeHash",
      );
    }
    if (findRun.get(runId) !== undefined) {
      return refuse("INVALID_ARGUMENT", `There is a run ${runId} already`, "runId");
    }
    const epoch = owner === null ? 0 : 1;
    const [type, correlationId, at, data, payload] = request.created;
    const row = [runId, workflowName, code, seed, at, epoch, owner, startKey];
    const run = Number(insertRun.run(...row).lastInsertRowid);
    insertEvent.run(eventKey(run, 1), type, correlationId, at, data, events.store(payload));
    if (claim !== null) own(run, claim, at, now);
    const created = createdEvent(request.created);
    attributes.set(run, created.data.attributes ?? {});
    if (owner !== null) states.begin(run, runId, created);
    return { value: { status: "created", epoch } };
  };
}

/** What happened instead of a creation, if something did: the key was used, or somebody has the token. */
function prepareInstead(
  db: DatabaseSync,
  { resume, tables }: CreateParts,
): (request: Requests["createRun"]) => Answers["createRun"] | undefined {
  const findByKey = db.prepare("SELECT run_id FROM runs WHERE workflow_name = ? AND start_key = ?");
  const { holderOf } = tables;

  return ({ workflowName, startKey, claim, now }) => {
    const before = startKey === null ? undefined : findByKey.get(workflowName, startKey);
    if (before !== undefined) return { status: "exists", runId: before["run_id"] as string };
    if (claim === null) return undefined;
    const delivery = resume({ ...claim, holdUntil: null, now });
    if (delivery.status === "delivered" || delivery.status === "duplicate") return { status: "resumed", delivery };
    // A token that is retained cannot be had; otherwise nobody has it.
    return holderOf(claim.token, now) === undefined ? undefined : { status: "resumed", delivery };
  };
}

/** A new run owns its token until it ends, and what is held for the token waits for its hook (invariant I6). */
function prepareOwn(
  db: DatabaseSync,
  { tables }: CreateParts,
): (run: number, claim: FlatClaim, at: number, now: number) => void {
  const insert = db.prepare(`
    INSERT OR REPLACE INTO hooks (token, hook_id, run, event, is_webhook, created_at, state)
    VALUES (?, ?, ?, ?, 0, ?, ${STATE.owned})`);
  const { held, keys, forget } = tables;

  return (run, { token, hookId, fact, key }, at, now) => {
    const hook = { run, hookId, event: eventKey(run, 1) };
    insert.run(token, hookId, run, hook.event, at);
    const repeated = key !== null && held.untilOf(token, key, now) !== undefined;
    for (const given of held.giveTo(run, token, now)) {
      if (given.key !== null) keys.remember(token, given.key, hook, given.accepted_at);
    }
    if (repeated) return;
    held.await(token, run, key === null ? fact : withKey(fact, key), key, now);
    if (key === null) return;
    forget(now);
    keys.remember(token, key, hook, now);
  };
}

/** Without its payload: the state machine does not look at it. */
function createdEvent([, , at, data]: FlatEvent): StoredEvent<"run_created"> {
  return { type: "run_created", data: JSON.parse(data ?? "{}"), at, position: 1, turn: 1 };
}
