import { advance, emptyState, type Step, type StepReads, type WorkflowRun, WorkflowWorldError } from "workflow/world";
import { type EventRow, pageOf, sliceOf, toEvent } from "workflow/world-parts";
import type { Core } from "./core.ts";

import { bothWays, boundsOf, payloadsIn } from "./list.ts";
import { eventSql, runKeySql } from "./rows.ts";
import { isStorable } from "./texts.ts";

const OF_ONE = `
  SELECT ${eventSql("$3")} FROM {schema}.events
  WHERE run = ${runKeySql("$1")} AND correlation_id = $2 ORDER BY position`;

/**
 * The events of a page's steps: none is before the first creation. IS TRUE keeps the planner, which takes a history for a
 * handful of events, from comparing each of them with each step of the page; so it makes a hash table of the page.
 */
const OF_PAGE = `
  WITH page AS MATERIALIZED (
    SELECT position, correlation_id FROM {schema}.events
    WHERE run = ${runKeySql("$4")} AND type = 'step_created' AND position {beyond} $1::bigint
    ORDER BY position {order} LIMIT $2)
  SELECT ${eventSql("$3")} FROM {schema}.events
  WHERE run = ${runKeySql("$4")} AND position >= (SELECT min(position) FROM page)
    AND (correlation_id IN (SELECT correlation_id FROM page)) IS TRUE
  ORDER BY position`;

/** Steps have no rows: each is what the state machine makes of its own events. */
export function createStepReads(core: Core): StepReads {
  const { database, sql, open, method } = core;
  const find = sql("step", OF_ONE);
  const list = bothWays(sql, "steps", OF_PAGE);

  const stepsOf = (runId: string, rows: readonly EventRow[]): ReadonlyMap<string, Step> => {
    const state = emptyState();
    state.run = accepting(runId);
    for (const row of rows) advance(runId, state, toEvent(row, open));
    return state.steps;
  };

  return {
    get: method(async (runId, stepId, options = {}) => {
      const rows = [runId, stepId].every(isStorable)
        ? await database.query<EventRow>(find, [runId, stepId, payloadsIn(options)])
        : [];
      const step = stepsOf(runId, rows).get(stepId);
      if (step === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no step ${stepId}`);
      return step;
    }),
    list: method(async ({ runId, pagination, ...options }) => {
      const slice = sliceOf(pagination, "desc");
      const rows = isStorable(runId)
        ? await database.query<EventRow>(list[slice.order], [...boundsOf(slice), payloadsIn(options), runId])
        : [];
      const created = rows.filter((row) => row.type === "step_created");
      if (slice.order === "desc") created.reverse();
      const page = pageOf(slice, created, keyOf, (row) => row.correlation_id ?? "");
      const steps = stepsOf(runId, rows);
      return { ...page, data: page.data.flatMap((stepId) => steps.get(stepId) ?? []) };
    }),
  };
}

function keyOf(row: EventRow): number {
  return row.position;
}

/** A run in which steps may move; whether each event could happen was decided when it was committed. */
function accepting(runId: string): WorkflowRun {
  const createdAt = new Date(0);
  const status = "running";
  return {
    runId,
    status,
    workflowName: "",
    deploymentId: "",
    attributes: {},
    createdAt,
    updatedAt: createdAt,
  };
}
