import type { DatabaseSync } from "node:sqlite";
import { SYSTEM_TOKEN } from "../world/system-token.ts";
import type { FlatHook } from "../world-parts/flat.ts";
import { type Holder, STATE } from "../world-parts/tokens.ts";

/** SQL that is true for rows `h` whose hook takes payloads at `now`. */
export function takingSql(now: string): string {
  return `(h.state = ${STATE.owned} OR (h.state = ${STATE.active} AND (h.expires_at IS NULL OR h.expires_at > ${now})))`;
}

/** SQL that is true for rows `h` whose token nobody else can have at `now`. */
export function holdingSql(now: string): string {
  return `(${takingSql(now)} OR (h.state = ${STATE.retained} AND h.retained_until > ${now}))`;
}

/** SQL that is true for rows `h` that may be system hooks: users may choose such a token. */
const LIKE_SYSTEM_SQL = `h.token GLOB '${SYSTEM_TOKEN}*'`;

/** SQL that is true for rows `h` of system hooks. */
export const SYSTEM_SQL: string = `
  (${LIKE_SYSTEM_SQL} AND (SELECT json_extract(data, '$.isSystem') FROM events WHERE id = h.event) IS 1)`;

/** SQL for what the event of a row `h` says beyond the row, where that is more than a plain hook's. */
export const SETTINGS_SQL: string = `
  CASE WHEN h.state <> ${STATE.owned}
    AND (h.is_webhook OR h.expires_at IS NOT NULL OR h.retained_until IS NOT NULL OR ${LIKE_SYSTEM_SQL})
    THEN (SELECT data FROM events WHERE id = h.event) END`;

/** SQL for the worker that owns the run `r`. */
export const OWNER_SQL = "(SELECT worker FROM workers w WHERE w.id = r.owner AND w.gone = 0)";

interface Row {
  readonly run: number;
  readonly run_id: string;
  readonly state: number;
  readonly hook_id: string;
  readonly event: number;
  readonly is_webhook: number;
  readonly created_at: number;
  readonly metadata: string | null;
  readonly settings: string | null;
  readonly due_at: number | null;
  readonly owner: string | null;
}

/** Finds who has a token at `now` (invariant I6). */
export function prepareHolders(db: DatabaseSync): (token: string, now: number) => Holder | undefined {
  const find = db.prepare(`
    SELECT h.run, r.run_id, h.state, h.hook_id, h.event, h.is_webhook, h.created_at, r.due_at, ${OWNER_SQL} AS owner,
      CASE WHEN h.state <> ${STATE.owned} THEN (SELECT payload FROM events WHERE id = h.event) END AS metadata,
      ${SETTINGS_SQL} AS settings
    FROM hooks h JOIN runs r ON r.id = h.run WHERE h.token = :token AND ${holdingSql(":now")}`);
  return (token, now) => {
    const row = find.get({ token, now }) as Row | undefined;
    if (row === undefined) return undefined;
    const { run, run_id: runId, state, hook_id: hookId, event, due_at: dueAt, owner } = row;
    const hook: FlatHook = [hookId, row.is_webhook === 1, row.created_at, row.metadata, row.settings];
    return { run, runId, state, hookId, event, hook, dueAt, owner };
  };
}
