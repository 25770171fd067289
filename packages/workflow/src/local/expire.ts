import type { DatabaseSync } from "node:sqlite";
import { ofRunSql } from "./event-keys.ts";

/**
 * Removes the data of a run that has ended and is to keep none (contract 07 section 7.12): every payload. Ids, times,
 * names, statuses and attributes stay. What streams hold goes here too.
 */
export function prepareExpire(db: DatabaseSync): (run: number) => void {
  const payloads = db.prepare(`UPDATE events SET payload = NULL WHERE ${ofRunSql(":run")} AND payload IS NOT NULL`);
  return (run) => void payloads.run({ run });
}
