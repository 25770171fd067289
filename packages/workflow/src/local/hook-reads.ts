import type { DatabaseSync } from "node:sqlite";
import type { Hook } from "../world/entities.ts";
import { HookNotFoundError } from "../world/hook-errors.ts";
import type { HookReads } from "../world/reads.ts";
import type { Open } from "../world-parts/stored.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { isFindable } from "../world-parts/flat.ts";
import { type HookRow, toHook } from "../world-parts/rows.ts";
import { STATE } from "../world-parts/tokens.ts";
import { SETTINGS_SQL, SYSTEM_SQL, holdingSql, takingSql } from "./tokens.ts";

const HOOK = `
  SELECT h.id, r.run_id, h.token, h.hook_id, h.is_webhook, h.created_at, ${SETTINGS_SQL} AS settings,
    CASE WHEN :payloads THEN (SELECT payload FROM events WHERE id = h.event) END AS metadata
  FROM hooks h JOIN runs r ON r.id = h.run WHERE h.state <> ${STATE.owned}`;

/** `now` is the time by which hooks expire. */
export function prepareHookReads(
  db: DatabaseSync,
  open: Open,
  now: () => number,
): Instantly<Omit<HookReads, "firstPayload">> {
  const byId = db.prepare(`${HOOK} AND h.hook_id = :hookId AND ${takingSql(":now")}`);
  const byToken = db.prepare(`${HOOK} AND h.token = :token AND ${holdingSql(":now")}`);
  const toItem = (row: HookRow): Hook => toHook(row, open);
  const order = { key: "h.id", keyOf: (row: HookRow) => row.id, defaultOrder: "desc" } as const;
  const active = `${HOOK} AND ${takingSql(":now")} AND NOT ${SYSTEM_SQL}`;
  const all = prepareList<HookRow, Hook>(db, { ...order, text: `${active} AND {beyond}` });
  const ofRun = prepareList<HookRow, Hook>(db, {
    ...order,
    text: `${active} AND h.run = (SELECT id FROM runs WHERE run_id = :runId) AND {beyond}`,
  });

  return {
    get(hookId) {
      const row = byId.get({ hookId, payloads: 1, now: now() });
      if (row === undefined) throw new HookNotFoundError(hookId);
      return toHook(row as unknown as HookRow, open);
    },
    getByToken(token) {
      const row = isFindable(token) ? byToken.get({ token, payloads: 1, now: now() }) : undefined;
      if (row === undefined) throw new HookNotFoundError(token);
      return toHook(row as unknown as HookRow, open);
    },
    list(options = {}) {
      const { runId, pagination } = options;
      const filters = { payloads: payloadsIn(options), now: now() };
      return runId === undefined ? all(pagination, filters, toItem) : ofRun(pagination, { ...filters, runId }, toItem);
    },
  };
}
