import { advance, emptyState, WorkflowWorldError, type NewRun, type StoredEvent } from "workflow/world";
import type { RunRow, Tables } from "./tables.ts";

/** Adds a run that nobody has worked on yet: it is due at once. */
export function createRow(tables: Tables, run: NewRun): RunRow {
  if (!tables.code.has(run.codeHash)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `The code ${run.codeHash} is not stored`, {
      field: "codeHash",
    });
  }
  if (tables.runs.has(run.runId)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `The run ${run.runId} exists already`, {
      field: "runId",
    });
  }
  const created: StoredEvent<"run_created"> = {
    type: "run_created",
    data: { workflowName: run.workflowName, codeHash: run.codeHash, attributes: run.attributes },
    payload: run.input,
    at: run.createdAt,
    position: 1,
    turn: 1,
  };
  const entities = emptyState();
  advance(run.runId, entities, created);
  const row: RunRow = {
    runId: run.runId,
    seed: run.seed,
    entities,
    history: [created],
    inbox: [],
    turns: 1,
    dueAt: 0,
    problem: undefined,
    epoch: 0,
    owner: null,
  };
  tables.runs.set(run.runId, row);
  return row;
}
