import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { getStepMetadata } from "workflow";

/** One execution of a step body. */
export interface StepLogLine {
  readonly orderId: string;
  readonly stepName: string;
  readonly stepId: string;
  readonly attempt: number;
  /** The process it ran in. */
  readonly pid: number;
}

export function stepLogIn(dataDirectory: string): string {
  return join(dataDirectory, "step-bodies.log");
}

/** Notes that the body of the current step runs, so that one can count afterwards how often each really did. */
export function logStepBody(orderId: string): void {
  const { stepName, stepId, attempt } = getStepMetadata();
  const line: StepLogLine = { orderId, stepName, stepId, attempt, pid: process.pid };
  const file = openSync(stepLogIn(process.env["WORKFLOW_LOCAL_DATA_DIR"] ?? ".workflow-data"), "a");
  try {
    writeSync(file, `${JSON.stringify(line)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
