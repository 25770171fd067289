import type { DatabaseSync } from "node:sqlite";
import { MOST_HELD, MOST_HELD_SIZE } from "../world/world.ts";
import type { HeldRow } from "../world-parts/held-row.ts";
import type { Store } from "./blobs.ts";
import type { FlatEvent } from "../world-parts/flat.ts";

const ROW = "id, token, key, at, accepted_at, data";

/**
 * Payloads that came before the hook: held for whoever claims the token within a time, or (`run` is set, `until` is
 * not) waiting for the hook of the run that owns the token.
 */
export interface Held {
  /** Until when the payload with this key is held. */
  untilOf(token: string, key: string, now: number): number | undefined;
  /** Holds a payload; false when that would be too much. */
  hold(token: string, fact: FlatEvent, key: string | null, until: number, now: number): boolean;
  /** Has a payload wait for the hook of a run. */
  await(token: string, run: number, fact: FlatEvent, key: string | null, now: number): void;
  /** Gives what is held for a token to a run that owns it from now on. */
  giveTo(run: number, token: string, now: number): readonly HeldRow[];
  /** What a hook of this run with this token would get. */
  waitingFor(token: string, run: number, now: number): readonly HeldRow[];
  /** What waits for hooks that the run has not created. */
  waitingOf(run: number): readonly HeldRow[];
}

export function prepareHeld(db: DatabaseSync, store: Store, nextId: () => number): Held {
  const findUntil = db.prepare("SELECT until FROM held WHERE token = ? AND key = ? AND until > ?");
  const total = db.prepare(`
    SELECT count(*) AS count, coalesce(sum(size), 0) AS size FROM held WHERE token = ? AND until > ?`);
  const insert = db.prepare("INSERT INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const give = db.prepare(`
    UPDATE held SET run = ?, until = NULL WHERE token = ? AND until > ? RETURNING ${ROW}`);
  const waitingFor = db.prepare(`
    SELECT ${ROW} FROM held WHERE token = :token AND until IS NULL AND run = :run
    UNION ALL SELECT ${ROW} FROM held WHERE token = :token AND until > :now ORDER BY id`);
  const waitingOf = db.prepare(`SELECT ${ROW} FROM held WHERE run = ? ORDER BY id`);
  const rows = (found: readonly unknown[]): readonly HeldRow[] => found as readonly HeldRow[];

  return {
    untilOf: (token, key, now) => findUntil.get(token, key, now)?.["until"] as number | undefined,
    hold(token, [, , at, data, payload], key, until, now) {
      const { count, size } = total.get(token, now) as { readonly count: number; readonly size: number };
      const own = payload?.length ?? 0;
      if (count >= MOST_HELD || size + own > MOST_HELD_SIZE) return false;
      insert.run(nextId(), token, key, at, now, until, null, own, data, store(payload));
      return true;
    },
    await: (token, run, [, , at, data, payload], key, now) =>
      void insert.run(nextId(), token, key, at, now, null, run, payload?.length ?? 0, data, store(payload)),
    giveTo: (run, token, now) => rows(give.all(run, token, now)),
    waitingFor: (token, run, now) => rows(waitingFor.all({ token, run, now })),
    waitingOf: (run) => rows(waitingOf.all(run)),
  };
}
