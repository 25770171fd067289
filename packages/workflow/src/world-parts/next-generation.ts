import type { WorkflowRun } from "../world/entities.ts";
import type { EventData, StoredEvent } from "../world/events.ts";

/** The first event of the next generation of a run. */
export function createdAnew(before: WorkflowRun, codeHash: string, at: number): StoredEvent<"run_created"> {
  const { workflowName, attributes, generation = 0, createdAt } = before;
  const data: EventData["run_created"] = {
    workflowName,
    codeHash,
    attributes,
    generation: generation + 1,
    since: createdAt.getTime(),
  };
  return { type: "run_created", data, at, position: 1, turn: 1 };
}
