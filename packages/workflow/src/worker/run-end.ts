import type { RunStatus } from "../world/entities.ts";
import { EntityConflictError, type WorkflowError, WorkflowRunCancelledError } from "../world/errors.ts";

/** A run that has ended, as far as its bodies are told. */
export interface EndedRun {
  readonly runId: string;
  readonly status: RunStatus;
  readonly cancelReason?: string | undefined;
}

/** Why nobody waits for the bodies of a run any more. */
export function endReason({ runId, status, cancelReason }: EndedRun): WorkflowError {
  if (status === "cancelled") return new WorkflowRunCancelledError(runId, cancelReason);
  return new EntityConflictError(`Run ${runId} is ${status}, and nobody waits for this step any more. Stop its work`);
}
