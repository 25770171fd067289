import type { DatabaseSync } from "node:sqlite";
import { eventKey } from "./event-keys.ts";
import { type Operation, refuse } from "./operations.ts";
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

export function prepareCollectCode(db: DatabaseSync): Operation<"collectCode"> {
  const clear = db.prepare(`
    UPDATE code SET source = '', map = '', collected = 1 WHERE collected = 0 AND NOT EXISTS
      (SELECT 1 FROM runs INDEXED BY runs_needing_code WHERE code = code.id AND ended_at IS NULL)`);
  return () => ({ value: Number(clear.run().changes) });
}

export function prepareCreateRun(db: DatabaseSync, workers: Workers): Operation<"createRun"> {
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
    insertEvent.run(eventKey(Number(lastInsertRowid), 1), type, correlationId, at, data, payload);
    return { value: epoch };
  };
}
