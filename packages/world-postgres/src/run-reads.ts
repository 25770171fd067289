import { requireFilter, type RunReads, type WorkflowRun, WorkflowRunNotFoundError } from "workflow/world";
import { type RunRow, toRun } from "workflow/world-parts";
import type { Core } from "./core.ts";
import type { Value } from "./database/database.ts";
import { bothWays, payloadsIn, prepareList, type ReadPage } from "./list.ts";
import { isStorable } from "./texts.ts";

/**
 * Runs as people see them. `runs` is SQL for rows of the table; `payloads` says whether payloads are wanted. What is
 * beside a run is looked up for each one (`LIMIT 1` makes sure of it): for a few rows the planner, which does not know
 * how many a page has, might read a whole table.
 */
const runSql = (runs: string, payloads: string): string => `
  SELECT r.id, r.run_id, r.workflow_name, (SELECT c.hash FROM {schema}.code c WHERE c.id = r.code) AS hash, r.status,
    r.created_at, r.started_at, r.ended_at, r.updated_at, r.problem, r.cancelling,
    (SELECT coalesce('{' || string_agg(a.key || ':' || a.value, ',' ORDER BY a.key) || '}', '{}')
      FROM {schema}.attributes a WHERE a.run = r.id) AS attributes,
    first.data AS first_data, CASE WHEN ${payloads}::boolean THEN first.payload END AS first_payload,
    last.data AS last_data, CASE WHEN ${payloads}::boolean THEN last.payload END AS last_payload
  FROM (${runs}) r
  CROSS JOIN LATERAL (
    SELECT data, payload FROM {schema}.events WHERE run = r.id AND position = 1 LIMIT 1) first
  LEFT JOIN LATERAL (
    SELECT data, payload FROM {schema}.events
    WHERE r.ended_at IS NOT NULL AND run = r.id AND position = r.length LIMIT 1) last ON true`;

const pageSql = (runs: string): string => `${runSql(runs, "$3")} ORDER BY r.id {order}`;

const ALL = pageSql("SELECT r.* FROM {schema}.runs r WHERE r.id {beyond} $1 ORDER BY r.id {order} LIMIT $2");

/**
 * The runs with a value, by the index on (`column`, id). Said as a range of it because runs that are equal in something
 * can be had in order from the primary key as well, which means to read all runs until there are enough of a rare value;
 * the planner, which does not know how rare it is, takes that for a bargain.
 */
const rangeSql = (column: string, value: string, condition = "true"): string => `
  SELECT r.* FROM {schema}.runs r
  WHERE (r.${column}, r.id) {beyond} (${value}, $1) AND (r.${column}, r.id) {until} (${value}, {end}) AND ${condition}
  ORDER BY r.${column} {order}, r.id {order} LIMIT $2`;

const BY_NAME = pageSql(rangeSql("workflow_name", "$4"));

/** A page of each status, and of those a page. `IS NOT FALSE`: equal, or nothing was asked for. */
const BY_STATUS = pageSql(`
  SELECT r.* FROM unnest($4::text[]) s (status)
  CROSS JOIN LATERAL (${rangeSql("status", "s.status", "(r.workflow_name = $5) IS NOT FALSE")}) r
  ORDER BY r.id {order} LIMIT $2`);

/** Runs that have an attribute, by its index, in the order of their creation; and all the others. */
const BY_ATTRIBUTE = pageSql(`
  SELECT r.* FROM {schema}.attributes a
  CROSS JOIN LATERAL (SELECT * FROM {schema}.runs WHERE id = a.run LIMIT 1) r
  WHERE a.key = $6 AND a.value = $7 AND a.run {beyond} $1
    AND (r.status = ANY ($4)) IS NOT FALSE AND (r.workflow_name = $5) IS NOT FALSE
    AND cardinality($8::text[]) = (
      SELECT count(*) FROM unnest($8, $9::text[]) o (key, value)
      JOIN {schema}.attributes b ON b.run = a.run AND b.key = o.key AND b.value = o.value)
  ORDER BY a.run {order} LIMIT $2`);

export function createRunReads(core: Core): Pick<RunReads, "get" | "list"> {
  const { database, sql, open, method } = core;
  const find = sql("run", runSql("SELECT * FROM {schema}.runs WHERE run_id = $1", "$2"));
  const prepare = (name: string, text: string): ReadPage<RunRow> =>
    prepareList(core, { statements: bothWays(sql, name, text), keyOf: (row) => row.id, defaultOrder: "desc" });
  const all = prepare("runs", ALL);
  const byName = prepare("runs by name", BY_NAME);
  const byStatus = prepare("runs by status", BY_STATUS);
  const byAttribute = prepare("runs by attribute", BY_ATTRIBUTE);
  const toItem = (row: RunRow): WorkflowRun => toRun(row, open);

  return {
    get: method(async (runId, options = {}) => {
      const [row] = isStorable(runId) ? await database.query<RunRow>(find, [runId, payloadsIn(options)]) : [];
      if (row === undefined) throw new WorkflowRunNotFoundError(runId);
      return toRun(row, open);
    }),
    list: method((options = {}) => {
      const { workflowName: name = null, status, pagination, attributes } = options;
      const statuses = status === undefined ? null : [...new Set([status].flat())];
      const payloads = payloadsIn(options);
      const canMatch = [name ?? "", ...(statuses ?? [])].every(isStorable);
      const among = (...filters: readonly Value[]): readonly Value[] | null =>
        canMatch ? [payloads, ...filters] : null;
      if (attributes !== undefined) {
        requireFilter(attributes);
        return byAttribute(pagination, among(statuses, name, ...inRows(attributes)), toItem);
      }
      if (statuses !== null) return byStatus(pagination, among(statuses, name), toItem);
      if (name !== null) return byName(pagination, among(name), toItem);
      return all(pagination, among(), toItem);
    }),
  };
}

/** As the rows of the attributes have them: the key and the value of the first, and those of the others. */
function inRows(attributes: Readonly<Record<string, string>>): readonly Value[] {
  const [[key, value] = ["", ""], ...others] = Object.entries(attributes).map(
    (pair) => pair.map((text) => JSON.stringify(text)) as [key: string, value: string],
  );
  return [key, value, others.map(([other]) => other), others.map(([, other]) => other)];
}
