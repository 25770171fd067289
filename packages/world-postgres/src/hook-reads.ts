import { type Hook, HookNotFoundError, type HookReads } from "workflow/world";
import { type HookRow, isFindable, STATE, toHook } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { bothWays, payloadsIn, prepareList, type ReadPage } from "./list.ts";
import { ofTokenSql, runKeySql } from "./rows.ts";
import { isStorable } from "./texts.ts";

/** `hooks` is SQL for rows of the table; `payloads` says whether payloads are wanted. */
const hookSql = (hooks: string, payloads: string): string => `
  SELECT h.id, (SELECT r.run_id FROM {schema}.runs r WHERE r.id = h.run) AS run_id, h.token, h.hook_id,
    h.is_webhook::int AS is_webhook, h.created_at, h.settings,
    CASE WHEN ${payloads}::boolean
      THEN (SELECT e.payload FROM {schema}.events e WHERE e.run = h.run AND e.position = h.event) END AS metadata
  FROM (${hooks}) h`;

/** SQL that is true for rows whose hook takes payloads at `now`. */
const activeSql = (now: string): string =>
  `state = ${STATE.active} AND (expires_at IS NULL OR expires_at > ${now}::float8)`;

const BY_ID = hookSql(`SELECT * FROM {schema}.hooks WHERE hook_id = $1 AND ${activeSql("$2")} LIMIT 1`, "true");

/** Also where its run has ended and nobody else can have the token yet. */
const BY_TOKEN = hookSql(
  `SELECT * FROM {schema}.hooks WHERE ${ofTokenSql("$1")}
    AND (${activeSql("$2")} OR state = ${STATE.retained} AND retained_until > $2)`,
  "true",
);

const pageSql = (condition: string): string =>
  `${hookSql(
    `SELECT * FROM {schema}.hooks WHERE ${activeSql("$4")} AND NOT is_system AND id {beyond} $1 AND ${condition}
    ORDER BY id {order} LIMIT $2`,
    "$3",
  )} ORDER BY h.id {order}`;

export function createHookReads(core: Core): Omit<HookReads, "firstPayload"> {
  const { clock, database, sql, open, method } = core;
  const byId = sql("hook", BY_ID);
  const byToken = sql("hook by token", BY_TOKEN);
  const prepare = (name: string, condition: string): ReadPage<HookRow> =>
    prepareList(core, {
      statements: bothWays(sql, name, pageSql(condition)),
      keyOf: (row) => row.id,
      defaultOrder: "desc",
    });
  const all = prepare("hooks", "true");
  const ofRun = prepare("hooks of run", `run = ${runKeySql("$5")}`);
  const toItem = (row: HookRow): Hook => toHook(row, open);

  return {
    get: method(async (hookId) => {
      const [row] = isStorable(hookId) ? await database.query<HookRow>(byId, [hookId, clock.now()]) : [];
      if (row === undefined) throw new HookNotFoundError(hookId);
      return toItem(row);
    }),
    getByToken: method(async (token) => {
      const canBe = isFindable(token) && isStorable(token);
      const [row] = canBe ? await database.query<HookRow>(byToken, [token, clock.now()]) : [];
      if (row === undefined) throw new HookNotFoundError(token);
      return toItem(row);
    }),
    list: method((options = {}) => {
      const { runId, pagination } = options;
      const filters = [payloadsIn(options), clock.now()];
      if (runId === undefined) return all(pagination, filters, toItem);
      return ofRun(pagination, isStorable(runId) ? [...filters, runId] : null, toItem);
    }),
  };
}
