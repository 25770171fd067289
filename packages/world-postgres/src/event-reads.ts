import { type Event, type EventReads, positionOf, publicEvent, WorkflowWorldError } from "workflow/world";
import { type EventRow, MOST_EVENTS, toEvent } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { bothWays, payloadsIn, prepareList, type ReadPage } from "./list.ts";
import { eventSql, runKeySql } from "./rows.ts";
import { isStorable } from "./texts.ts";

const ONE = `SELECT ${eventSql("true")} FROM {schema}.events WHERE run = ${runKeySql("$1")} AND position = $2`;

const pageSql = (condition: string): string => `
  SELECT ${eventSql("$3")} FROM {schema}.events
  WHERE run = ${runKeySql("$4")} AND position {beyond} $1::bigint AND ${condition}
  ORDER BY position {order} LIMIT $2`;

export function createEventReads(core: Core): EventReads {
  const { database, sql, open, method } = core;
  const find = sql("event", ONE);
  const prepare = (name: string, condition: string): ReadPage<EventRow> =>
    prepareList(core, {
      statements: bothWays(sql, name, pageSql(condition)),
      keyOf: (row) => row.position,
      defaultOrder: "asc",
    });
  const all = prepare("events", "true");
  const correlated = prepare("events correlated", "correlation_id = $5");
  const toItem =
    (runId: string) =>
    (row: EventRow): Event =>
      publicEvent(runId, toEvent(row, open));

  return {
    get: method(async (runId, eventId) => {
      const position = positionOf(eventId) ?? 0;
      const canBe = position >= 1 && position <= MOST_EVENTS && isStorable(runId);
      const [row] = canBe ? await database.query<EventRow>(find, [runId, position]) : [];
      if (row === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no event ${eventId}`);
      return toItem(runId)(row);
    }),
    list: method(({ runId, pagination, ...options }) =>
      all(pagination, isStorable(runId) ? [payloadsIn(options), runId] : null, toItem(runId)),
    ),
    listByCorrelationId: method(({ runId, correlationId, pagination, ...options }) => {
      const canMatch = isStorable(runId) && isStorable(correlationId);
      const filters = canMatch ? [payloadsIn(options), runId, correlationId] : null;
      return correlated(pagination, filters, toItem(runId));
    }),
  };
}
