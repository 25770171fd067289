import { WorkflowRunNotFoundError } from "workflow/world";
import type { Core } from "./core.ts";
import { isStorable } from "./texts.ts";

/** What those ask who wait for something that does not come any more once the run has ended. */
export interface RunEnds {
  /** @throws `WorkflowRunNotFoundError` */
  hasEnded(runId: string): Promise<boolean>;
}

export function createRunEnds({ database, sql }: Core): RunEnds {
  const find = sql("run end", "SELECT ended_at IS NOT NULL AS ended FROM {schema}.runs WHERE run_id = $1");
  return {
    async hasEnded(runId) {
      const [row] = isStorable(runId) ? await database.query<{ readonly ended: boolean }>(find, [runId]) : [];
      if (row === undefined) throw new WorkflowRunNotFoundError(runId);
      return row.ended;
    },
  };
}
