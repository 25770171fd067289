import type { DatabaseSync, StatementResultingChanges } from "node:sqlite";
import { ANSWER_MEMORY_MS, DROPPED_MEMORY_MS, KEY_MEMORY_MS } from "../world/world.ts";
import { STATE } from "../world-parts/tokens.ts";
import { takingSql } from "./tokens.ts";

/** How many rows of each kind go at once. */
const ROWS = 1_000;

/** How often what is too old is looked for, in milliseconds: normally, and while there is more than goes at once. */
const EVERY_MS = 10_000;
const SOON_MS = 100;

/**
 * Removes what is kept for a time and whose time is over: keys, dropped payloads, answers and retained tokens. A bounded
 * part of it, from time to time, as a part of a write that adds more.
 */
export function prepareForget(db: DatabaseSync): (now: number) => void {
  const oldest = (table: string, column: string, condition = ""): string =>
    `FROM ${table} WHERE ${column} <= :before ${condition} ORDER BY ${column} LIMIT ${ROWS}`;
  const isActive = `EXISTS (
    SELECT 1 FROM hooks h INDEXED BY hooks_by_id WHERE h.hook_id = keys.hook_id AND h.run = keys.run AND ${takingSql(":now")})`;
  // Of a hook that is still there, the key is looked at again when as much time has passed as when it was new.
  const postpone = db.prepare(`
    UPDATE keys SET looked_at = :now WHERE (token, key) IN (
      SELECT token, key ${oldest("keys", "looked_at")}) AND ${isActive}`);
  const keys = db.prepare(`
    DELETE FROM keys WHERE (token, key) IN (SELECT token, key ${oldest("keys", "looked_at")}) AND NOT ${isActive}`);
  const held = db.prepare(`DELETE FROM held WHERE id IN (SELECT id ${oldest("held", "until")})`);
  const answers = db.prepare(`
    DELETE FROM answers WHERE request_id IN (SELECT request_id ${oldest("answers", "at")})`);
  const retained = db.prepare(`
    DELETE FROM hooks WHERE id IN (SELECT id ${oldest("hooks", "retained_until", `AND state = ${STATE.retained}`)})`);
  const count = (result: StatementResultingChanges): number => Number(result.changes);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let pause = 0;

  return (now) => {
    // A clock that was set back is no reason to wait.
    if (now >= lookedAt && now - lookedAt < pause) return;
    lookedAt = now;
    const old = { now, before: now - KEY_MEMORY_MS };
    const done = [
      count(postpone.run(old)) + count(keys.run(old)),
      count(held.run({ before: now - DROPPED_MEMORY_MS })),
      count(answers.run({ before: now - ANSWER_MEMORY_MS })),
      count(retained.run({ before: now })),
    ];
    pause = done.some((rows) => rows >= ROWS) ? SOON_MS : EVERY_MS;
  };
}
