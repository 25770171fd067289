import type { DatabaseSync } from "node:sqlite";
import type { Step, WorkflowRun } from "../world/entities.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import { advance, emptyState } from "../world/reduce.ts";
import type { StepReads } from "../world/reads.ts";
import type { Open } from "../world-parts/stored.ts";
import { ofRunSql, POSITION_SQL, RUN_KEY_SQL } from "./event-keys.ts";
import { type Instantly, payloadsIn, prepareList } from "./list.ts";
import { type EventRow, toEvent } from "../world-parts/rows.ts";
import { snapshot } from "./transaction.ts";

/** Steps have no rows: each is what the state machine makes of its own events. */
export function prepareStepReads(db: DatabaseSync, open: Open): Instantly<StepReads> {
  const run = ofRunSql(RUN_KEY_SQL);
  const events = db.prepare(`
    SELECT id, ${POSITION_SQL}, type, correlation_id, turn, at, data, CASE WHEN :payloads THEN payload END AS payload
    FROM events WHERE ${run} AND correlation_id IN (SELECT value FROM json_each(:stepIds)) ORDER BY id`);
  const list = prepareList<{ readonly id: number; readonly correlation_id: string }, string>(db, {
    text: `SELECT id, correlation_id FROM events WHERE ${run} AND type = 'step_created' AND {beyond}`,
    key: "id",
    keyOf: (row) => row.id,
    defaultOrder: "desc",
  });

  const read = (runId: string, stepIds: readonly string[], payloads: 0 | 1): ReadonlyMap<string, Step> => {
    const state = emptyState();
    state.run = accepting(runId);
    for (const row of events.all({ runId, stepIds: JSON.stringify(stepIds), payloads })) {
      advance(runId, state, toEvent(row as unknown as EventRow, open));
    }
    return state.steps;
  };

  return {
    get(runId, stepId, options = {}) {
      const step = read(runId, [stepId], payloadsIn(options)).get(stepId);
      if (step === undefined) throw new WorkflowWorldError("NOT_FOUND", `The run ${runId} has no step ${stepId}`);
      return step;
    },
    list({ runId, pagination, ...options }) {
      return snapshot(db, () => {
        const page = list(pagination, { runId }, (row) => row.correlation_id);
        const steps = read(runId, page.data, payloadsIn(options));
        return { ...page, data: page.data.flatMap((stepId) => steps.get(stepId) ?? []) };
      });
    },
  };
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
