import type { DatabaseSync } from "node:sqlite";
import type { HeldPayload } from "../world/entities.ts";
import type { HeldReads } from "../world/reads.ts";
import { DROPPED_MEMORY_MS } from "../world/world.ts";
import type { Open } from "../world-parts/stored.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";

interface Row {
  readonly id: number;
  readonly token: string;
  readonly key: string | null;
  readonly accepted_at: number;
  readonly until: number;
  readonly size: number;
  readonly payload: string | null;
}

/** `now` is the time by which held payloads are dropped. */
export function prepareHeldReads(db: DatabaseSync, open: Open, now: () => number): Instantly<HeldReads> {
  const list = prepareList<Row, HeldPayload>(db, {
    text: `
      SELECT id, token, key, accepted_at, until, size, CASE WHEN :payloads THEN payload END AS payload FROM held
      WHERE until > :since AND (:token IS NULL OR token = :token) AND {beyond}`,
    key: "id",
    keyOf: (row) => row.id,
    defaultOrder: "desc",
  });

  return {
    list(options = {}) {
      const at = now();
      const filters = { payloads: payloadsIn(options), since: at - DROPPED_MEMORY_MS, token: options.token ?? null };
      return list(options.pagination, filters, (row) => ({
        heldId: `held_${String(row.id).padStart(26, "0")}`,
        token: row.token,
        status: row.until > at ? "held" : "dropped",
        size: row.size,
        receivedAt: new Date(row.accepted_at),
        heldUntil: new Date(row.until),
        ...(row.payload !== null && { payload: open(row.payload) }),
        ...(row.key !== null && { idempotencyKey: row.key }),
      }));
    },
  };
}
