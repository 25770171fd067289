import type { DatabaseSync } from "node:sqlite";
import type { RunStatus, WorkflowRun } from "../world/entities.ts";
import { WorkflowRunNotFoundError } from "../world/errors.ts";
import type { RunReads } from "../world/reads.ts";
import { requireFilter } from "../world/attributes.ts";
import type { Open } from "../world-parts/stored.ts";
import { eventKeySql } from "./event-keys.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { type RunRow, toRun } from "../world-parts/rows.ts";

const runSql = (from: string): string => `
  SELECT r.id, r.run_id, r.workflow_name, c.hash, r.status, r.created_at, r.started_at, r.ended_at, r.updated_at,
    r.problem, r.cancelling, (SELECT json_group_object(key, value) FROM attributes WHERE run = r.id) AS attributes,
    first.data AS first_data, CASE WHEN :payloads THEN first.payload END AS first_payload,
    last.data AS last_data, CASE WHEN :payloads THEN last.payload END AS last_payload
  FROM ${from}
  JOIN code c ON c.id = r.code
  JOIN events first ON first.id = ${eventKeySql("r.id", "1")}
  LEFT JOIN events last ON r.ended_at IS NOT NULL AND last.id = ${eventKeySql("r.id", "r.length")}`;

const RUN = runSql("runs r");

const CHOSEN = `(:name IS NULL OR r.workflow_name = :name)
  AND (:statuses IS NULL OR r.status IN (SELECT value FROM json_each(:statuses)))`;

/** Runs that have an attribute, by its index, in the order of their creation; and all of `:others` (a JSON object). */
export const RUNS_BY_ATTRIBUTE: string = `
  ${runSql("attributes a INDEXED BY attributes_by_value CROSS JOIN runs r ON r.id = a.run")}
  WHERE {beyond} AND a.key = :key AND a.value = :value AND ${CHOSEN}
    AND NOT EXISTS (SELECT 1 FROM json_each(:others) o WHERE NOT EXISTS (
      SELECT 1 FROM attributes b WHERE b.run = r.id AND b.key = o.key AND b.value = o.value))`;

const NEWEST_FIRST = { keyOf: (row: RunRow) => row.id, defaultOrder: "desc" } as const;

export function prepareRunReads(
  db: DatabaseSync,
  open: Open,
): Instantly<Pick<RunReads, "get" | "list">> & { hasEnded(runId: string): boolean } {
  const find = db.prepare(`${RUN} WHERE r.run_id = :runId`);
  const list = prepareList<RunRow, WorkflowRun>(db, {
    ...NEWEST_FIRST,
    text: `${RUN} WHERE {beyond} AND ${CHOSEN}`,
    key: "r.id",
  });
  const listByAttribute = prepareList<RunRow, WorkflowRun>(db, {
    ...NEWEST_FIRST,
    text: RUNS_BY_ATTRIBUTE,
    key: "a.run",
  });

  const findEnd = db.prepare("SELECT ended_at FROM runs WHERE run_id = ?");

  return {
    hasEnded(runId) {
      const row = findEnd.get(runId);
      if (row === undefined) throw new WorkflowRunNotFoundError(runId);
      return row["ended_at"] !== null;
    },
    get(runId, options = {}) {
      const row = find.get({ runId, payloads: payloadsIn(options) });
      if (row === undefined) throw new WorkflowRunNotFoundError(runId);
      return toRun(row as unknown as RunRow, open);
    },
    list(options = {}) {
      const { workflowName: name = null, status, pagination, attributes } = options;
      const statuses = status === undefined ? null : JSON.stringify([status].flat() satisfies readonly RunStatus[]);
      const filters = { name, statuses, payloads: payloadsIn(options) };
      if (attributes === undefined) return list(pagination, filters, (row) => toRun(row, open));
      requireFilter(attributes);
      const [[key, value] = ["", ""], ...others] = Object.entries(attributes);
      const all = { ...filters, key, value, others: JSON.stringify(Object.fromEntries(others)) };
      return listByAttribute(pagination, all, (row) => toRun(row, open));
    },
  };
}
