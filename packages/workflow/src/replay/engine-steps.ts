/** Steps that no deployed code has: workflow code gets at other runs through them. */
const PREFIX = "step//workflow//";

export const RUN_READS = ["status", "exists", "workflowName", "createdAt", "startedAt", "completedAt"] as const;

export type RunStep = (typeof RUN_READS)[number] | "returnValue" | "cancel" | "wakeUp";

export function runStepName(step: RunStep): string {
  return `${PREFIX}run.${step}`;
}

/** What `start()` is in workflow code. */
export function startStepName(): string {
  return `${PREFIX}start`;
}

/** Step names of deployed code have a path or a version where this has neither. */
export function isEngineStep(stepName: string): boolean {
  return stepName.startsWith(PREFIX);
}
