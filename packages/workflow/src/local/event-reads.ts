import type { DatabaseSync } from "node:sqlite";
import type { Event } from "../world/entities.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import { positionOf } from "../world/ids.ts";
import { publicEvent } from "../world/public-event.ts";
import type { EventReads } from "../world/reads.ts";
import type { Open } from "../world-parts/stored.ts";
import { eventKeySql, ofRunSql, POSITION_SQL, RUN_KEY_SQL } from "./event-keys.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { type EventRow, toEvent } from "../world-parts/rows.ts";

type KeyedRow = EventRow & { readonly id: number };

export function prepareEventReads(db: DatabaseSync, open: Open): Instantly<EventReads> {
  const event = `
    SELECT id, ${POSITION_SQL}, type, correlation_id, turn, at, data, CASE WHEN :payloads THEN payload END AS payload
    FROM events WHERE ${ofRunSql(RUN_KEY_SQL)}`;
  const find = db.prepare(`${event} AND id = ${eventKeySql(RUN_KEY_SQL, ":position")}`);
  const order = {
    key: "id",
    keyOf: (row: KeyedRow) => row.id,
    defaultOrder: "asc",
  } as const;
  const list = prepareList<KeyedRow, Event>(db, { ...order, text: `${event} AND {beyond}` });
  const correlated = prepareList<KeyedRow, Event>(db, {
    ...order,
    text: `${event} AND {beyond} AND correlation_id = :correlationId`,
  });

  return {
    get(runId, eventId) {
      const row = find.get({ runId, position: positionOf(eventId) ?? 0, payloads: 1 });
      if (row === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no event ${eventId}`);
      return publicEvent(runId, toEvent(row as unknown as EventRow, open));
    },
    list({ runId, pagination, ...options }) {
      return list(pagination, { runId, payloads: payloadsIn(options) }, (row) =>
        publicEvent(runId, toEvent(row, open)),
      );
    },
    listByCorrelationId({ runId, correlationId, pagination, ...options }) {
      const filters = { runId, correlationId, payloads: payloadsIn(options) };
      return correlated(pagination, filters, (row) => publicEvent(runId, toEvent(row, open)));
    },
  };
}
