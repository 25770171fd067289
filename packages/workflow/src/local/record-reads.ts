import type { DatabaseSync } from "node:sqlite";
import { WorkflowRunNotFoundError } from "../world/errors.ts";
import type { StoredEvent } from "../world/events.ts";
import { LEASE_TTL_MS, type RunRecord, type StoredCode } from "../world/world.ts";
import type { Open } from "../world-parts/stored.ts";
import { MOST_EVENTS } from "../world-parts/draft.ts";
import { eventKeySql, POSITION_SQL } from "./event-keys.ts";
import { type EventRow, type FactRow, toEvent, toFact } from "../world-parts/rows.ts";
import { snapshot } from "./transaction.ts";

/** What the engine reads. */
export interface RecordReads {
  /** @throws `WorkflowRunNotFoundError` */
  read(runId: string, after: number): RunRecord;
  code(hash: string): StoredCode | null;
  /** `elapsed` tells whose owner is silent. */
  nextDueAt(elapsed: number): number | null;
}

/** One row at a time, so that a long history is not in memory twice. */
function eventsOf(rows: Iterable<unknown>, open: Open): readonly StoredEvent[] {
  const events: StoredEvent[] = [];
  for (const row of rows) events.push(toEvent(row as EventRow, open));
  return events;
}

export function prepareRecordReads(db: DatabaseSync, open: Open): RecordReads {
  const findRun = db.prepare("SELECT id, seed FROM runs WHERE run_id = ?");
  const history = db.prepare(`
    SELECT id, ${POSITION_SQL}, type, correlation_id, turn, at, data, payload FROM events
    WHERE id > ${eventKeySql(":run", ":after")} AND id <= ${eventKeySql(":run", String(MOST_EVENTS))} ORDER BY id`);
  const inbox = db.prepare("SELECT id, type, correlation_id, at, data, payload FROM inbox WHERE run = ? ORDER BY id");
  const findCode = db.prepare("SELECT hash, source, map FROM code WHERE hash = ? AND collected = 0");
  // One index probe for the runs of nobody, and one for each dead worker.
  const earliest = db.prepare(`
    SELECT min(due_at) AS due_at FROM (
      SELECT (SELECT due_at FROM runs INDEXED BY runs_due WHERE owner IS NULL AND due_at IS NOT NULL
        ORDER BY due_at LIMIT 1) AS due_at
      UNION ALL
      SELECT (SELECT due_at FROM runs INDEXED BY runs_owned WHERE owner = w.id AND due_at IS NOT NULL
        ORDER BY due_at LIMIT 1) FROM workers w WHERE w.gone = 1 OR w.renewed_at <= ?)`);

  return {
    read: (runId, after) =>
      snapshot(db, () => {
        const run = findRun.get(runId) as { readonly id: number; readonly seed: string } | undefined;
        if (run === undefined) throw new WorkflowRunNotFoundError(runId);
        return {
          seed: run.seed,
          history: eventsOf(history.iterate({ run: run.id, after: Math.max(after, 0) }), open),
          inbox: (inbox.all(run.id) as unknown as FactRow[]).map((row) => toFact(row, open)),
        };
      }),
    code(hash) {
      const row = findCode.get(hash);
      return row === undefined ? null : ({ ...row } as unknown as StoredCode);
    },
    nextDueAt(elapsed) {
      const dueAt = earliest.get(elapsed - LEASE_TTL_MS)?.["due_at"] as number | null;
      return dueAt === null ? null : Math.max(dueAt, 0);
    },
  };
}
