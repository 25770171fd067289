import type { DatabaseSync } from "node:sqlite";
import { ofRunSql } from "./event-keys.ts";
import { chunkKeySql, MOST_CHUNKS } from "./stream-rows.ts";

/**
 * Removes the data of a run that has ended and is to keep none (contract 07 section 7.12): every payload. Ids, times,
 * names, statuses and attributes stay. Of its streams, how long they were stays.
 */
export function prepareExpire(db: DatabaseSync): (run: number) => void {
  const payloads = db.prepare(`UPDATE events SET payload = NULL WHERE ${ofRunSql(":run")} AND payload IS NOT NULL`);
  const chunks = db.prepare(`
    DELETE FROM chunks WHERE id IN (
      SELECT c.id FROM streams s JOIN chunks c
        ON c.id BETWEEN ${chunkKeySql("s.id", "0")} AND ${chunkKeySql("s.id", String(MOST_CHUNKS))}
      WHERE s.run = :run)`);
  return (run) => {
    payloads.run({ run });
    chunks.run({ run });
  };
}
