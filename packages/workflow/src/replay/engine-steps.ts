/** Steps that no deployed code has. */
const PREFIX = "step//workflow//";

/** A step like those of users: it takes a place, and is retried as often as they are. */
export const FETCH_STEP: string = `${PREFIX}fetch`;

export const RUN_READS = ["status", "exists", "workflowName", "createdAt", "startedAt", "completedAt"] as const;

export type RunStep = (typeof RUN_READS)[number] | "returnValue" | "cancel" | "wakeUp";

export function runStepName(step: RunStep): string {
  return `${PREFIX}run.${step}`;
}

/** What `start()` is in workflow code. */
export function startStepName(): string {
  return `${PREFIX}start`;
}

/**
 * Steps that only ask the World for something: workflow code gets at other runs through them. Step names of deployed code
 * have a path or a version where these have neither.
 */
export function isEngineStep(stepName: string): boolean {
  return stepName.startsWith(PREFIX) && stepName !== FETCH_STEP;
}
