import type { DatabaseSync } from "node:sqlite";
import type { StoredEvent } from "../world/events.ts";
import { eventKey } from "./event-keys.ts";
import { type FlatEvent, type Operation, refuse } from "./operations.ts";
import type { RunStates } from "./run-states.ts";
import { notJoined, type Workers } from "./workers.ts";

export function preparePutCode(db: DatabaseSync): Operation<"putCode"> {
  const insert = db.prepare(`
    INSERT INTO code (hash, source, map) VALUES (?, ?, ?)
    ON CONFLICT (hash) DO UPDATE SET source = excluded.source, map = excluded.map, collected = 0 WHERE collected = 1`);
  return ({ hash, source, map }) => {
    insert.run(hash, source, map);
    return { value: null };
  };
}

/**
 * Runs are looked through from where the last look ended, in the order of their creation, so that each ended run is
 * passed once: an index of the runs that need a code would cost every start and every end a page.
 */
export function prepareCollectCode(db: DatabaseSync): Operation<"collectCode"> {
  const kept = db.prepare("SELECT id, needed_from FROM code WHERE collected = 0");
  const nextNeed = db.prepare(`
    SELECT id FROM runs WHERE id >= ? AND code = ? AND ended_at IS NULL ORDER BY id LIMIT 1`);
  const lastRun = db.prepare("SELECT coalesce(max(id), 0) AS id FROM runs");
  const move = db.prepare("UPDATE code SET needed_from = ? WHERE id = ?");
  const clear = db.prepare("UPDATE code SET source = '', map = '', collected = 1, needed_from = ? WHERE id = ?");

  return () => {
    let removed = 0;
    for (const { id: code, needed_from: from } of kept.all() as { id: number; needed_from: number }[]) {
      const need = nextNeed.get(from, code)?.["id"] as number | undefined;
      if (need === undefined) {
        clear.run(lastRun.get()?.["id"] as number, code);
        removed += 1;
      } else if (need !== from) move.run(need, code);
    }
    return { value: removed };
  };
}

export function prepareCreateRun(db: DatabaseSync, workers: Workers, states: RunStates): Operation<"createRun"> {
  const findCode = db.prepare("SELECT id FROM code WHERE hash = ? AND collected = 0");
  const findRun = db.prepare("SELECT 1 FROM runs WHERE run_id = ?");
  const insertRun = db.prepare(`
    INSERT INTO runs (run_id, workflow_name, code, seed, status, created_at, length, turn, epoch, owner, due_at)
    VALUES (?, ?, ?, ?, 'pending', ?, 1, 1, ?, ?, 0)`);
  const insertEvent = db.prepare("INSERT INTO events VALUES (?, ?, ?, 1, ?, ?, ?)");

  return (request) => {
    const owner = request.worker === null ? null : workers.present(request.worker);
    if (owner === undefined) return notJoined(request.worker ?? "");
    const code = findCode.get(request.codeHash)?.["id"] as number | undefined;
    if (code === undefined) {
      return refuse(
        "INVALID_ARGUMENT",
        `The code ${request.codeHash} is not stored. Store it before its first run`,
        "codeHash",
      );
    }
    if (findRun.get(request.runId) !== undefined) {
      return refuse("INVALID_ARGUMENT", `There is a run ${request.runId} already`, "runId");
    }
    const epoch = owner === null ? 0 : 1;
    const [type, correlationId, at, data, payload] = request.created;
    const { lastInsertRowid } = insertRun.run(
      request.runId,
      request.workflowName,
      code,
      request.seed,
      at,
      epoch,
      owner,
    );
    const run = Number(lastInsertRowid);
    insertEvent.run(eventKey(run, 1), type, correlationId, at, data, payload);
    if (owner !== null) states.begin(run, request.runId, createdEvent(request.created));
    return { value: epoch };
  };
}

/** Without its payload: the state machine does not look at it. */
function createdEvent([, , at, data]: FlatEvent): StoredEvent<"run_created"> {
  return { type: "run_created", data: JSON.parse(data ?? "{}"), at, position: 1, turn: 1 };
}
