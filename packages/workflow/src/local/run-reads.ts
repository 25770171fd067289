import type { DatabaseSync } from "node:sqlite";
import type { RunStatus, WorkflowRun } from "../world/entities.ts";
import { WorkflowRunNotFoundError } from "../world/errors.ts";
import type { RunReads } from "../world/world.ts";
import { eventKeySql } from "./event-keys.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { type RunRow, toRun } from "./rows.ts";

const RUN = `
  SELECT r.id, r.run_id, r.workflow_name, c.hash, r.status, r.created_at, r.started_at, r.ended_at, r.problem, r.cancelling,
    first.data AS first_data, CASE WHEN :payloads THEN first.payload END AS first_payload,
    last.data AS last_data, CASE WHEN :payloads THEN last.payload END AS last_payload
  FROM runs r
  JOIN code c ON c.id = r.code
  JOIN events first ON first.id = ${eventKeySql("r.id", "1")}
  LEFT JOIN events last ON r.ended_at IS NOT NULL AND last.id = ${eventKeySql("r.id", "r.length")}`;

export function prepareRunReads(
  db: DatabaseSync,
): Instantly<Pick<RunReads, "get" | "list">> & { hasEnded(runId: string): boolean } {
  const find = db.prepare(`${RUN} WHERE r.run_id = :runId`);
  const list = prepareList<RunRow, WorkflowRun>(db, {
    text: `${RUN} WHERE {beyond} AND (:name IS NULL OR r.workflow_name = :name)
      AND (:statuses IS NULL OR r.status IN (SELECT value FROM json_each(:statuses)))`,
    key: "r.id",
    keyOf: (row) => row.id,
    defaultOrder: "desc",
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
      return toRun(row as unknown as RunRow);
    },
    list(options = {}) {
      const { workflowName: name = null, status, pagination } = options;
      const statuses = status === undefined ? null : JSON.stringify([status].flat() satisfies readonly RunStatus[]);
      return list(pagination, { name, statuses, payloads: payloadsIn(options) }, toRun);
    },
  };
}
