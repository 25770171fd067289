import { getStepMetadata, getWorkflowMetadata } from "workflow";
import { note } from "./evidence.ts";

/** Runs what a step does, with a line of evidence before and after it. */
export async function noted<T>(body: () => T | Promise<T>): Promise<T> {
  const { stepId, stepName, attempt } = getStepMetadata();
  const { workflowRunId: runId } = getWorkflowMetadata();
  const about = { runId, stepId, name: stepName, attempt, pid: process.pid };
  note({ event: "begin", ...about });
  try {
    return await body();
  } finally {
    note({ event: "end", ...about });
  }
}
