import type { DatabaseSync } from "node:sqlite";
import type { Hook } from "../world/entities.ts";
import { HookNotFoundError } from "../world/errors.ts";
import type { HookReads } from "../world/world.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { isFindable } from "./operations.ts";
import { type HookRow, toHook } from "./rows.ts";

const HOOK = `
  SELECT h.id, r.run_id, h.token, h.hook_id, h.is_webhook, h.created_at,
    CASE WHEN :payloads THEN (SELECT payload FROM events WHERE id = h.event) END AS metadata
  FROM hooks h JOIN runs r ON r.id = h.run`;

/** The table holds active hooks only. */
export function prepareHookReads(db: DatabaseSync): Instantly<HookReads> {
  const byId = db.prepare(`${HOOK} WHERE h.hook_id = :hookId`);
  const byToken = db.prepare(`${HOOK} WHERE h.token = :token`);
  const order = { key: "h.id", keyOf: (row: HookRow) => row.id, defaultOrder: "desc" } as const;
  const all = prepareList<HookRow, Hook>(db, { ...order, text: `${HOOK} WHERE {beyond}` });
  const ofRun = prepareList<HookRow, Hook>(db, {
    ...order,
    text: `${HOOK} WHERE h.run = (SELECT id FROM runs WHERE run_id = :runId) AND {beyond}`,
  });

  return {
    get(hookId) {
      const row = byId.get({ hookId, payloads: 1 });
      if (row === undefined) throw new HookNotFoundError(hookId);
      return toHook(row as unknown as HookRow);
    },
    getByToken(token) {
      const row = isFindable(token) ? byToken.get({ token, payloads: 1 }) : undefined;
      if (row === undefined) throw new HookNotFoundError(token);
      return toHook(row as unknown as HookRow);
    },
    list(options = {}) {
      const { runId, pagination } = options;
      const payloads = payloadsIn(options);
      return runId === undefined
        ? all(pagination, { payloads }, toHook)
        : ofRun(pagination, { runId, payloads }, toHook);
    },
  };
}
