import { DROPPED_MEMORY_MS, type HeldPayload, type HeldReads } from "workflow/world";
import { isFindable } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { bothWays, payloadsIn, prepareList, type ReadPage } from "./list.ts";
import { ofTokenSql } from "./rows.ts";
import { isStorable } from "./texts.ts";

interface Row {
  readonly id: number;
  readonly token: string;
  readonly key: string | null;
  readonly accepted_at: number;
  readonly until: number;
  readonly size: number;
  readonly payload: string | null;
}

const pageSql = (condition: string): string => `
  SELECT id, token, key, accepted_at, until, size, CASE WHEN $3::boolean THEN payload END AS payload
  FROM {schema}.held WHERE until > $4::float8 AND id {beyond} $1 AND ${condition} ORDER BY id {order} LIMIT $2`;

export function createHeldReads(core: Core): HeldReads {
  const { clock, sql, open, method } = core;
  const prepare = (name: string, condition: string): ReadPage<Row> =>
    prepareList(core, {
      statements: bothWays(sql, name, pageSql(condition)),
      keyOf: (row) => row.id,
      defaultOrder: "desc",
    });
  const all = prepare("held", "true");
  const ofToken = prepare("held of token", ofTokenSql("$5"));

  return {
    list: method((options = {}) => {
      const { token, pagination } = options;
      const now = clock.now();
      const filters = [payloadsIn(options), now - DROPPED_MEMORY_MS];
      const toItem = (row: Row): HeldPayload => ({
        heldId: `held_${String(row.id).padStart(26, "0")}`,
        token: row.token,
        status: row.until > now ? "held" : "dropped",
        size: row.size,
        receivedAt: new Date(row.accepted_at),
        heldUntil: new Date(row.until),
        ...(row.payload !== null && { payload: open(row.payload) }),
        ...(row.key !== null && { idempotencyKey: row.key }),
      });
      if (token === undefined) return all(pagination, filters, toItem);
      const canBe = isFindable(token) && isStorable(token);
      return ofToken(pagination, canBe ? [...filters, token] : null, toItem);
    }),
  };
}
