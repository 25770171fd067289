/** The errors of steps that the engine itself gives up. */
import { isNamed, WorkflowError } from "./errors.ts";

/** Which step an error is about. */
interface About {
  readonly stepName: string;
  readonly stepId: string;
  readonly attempt: number;
}

/**
 * An attempt of a step took longer than the step's `timeout` without an end or a heartbeat. It counts like an attempt
 * that threw: it is tried again as often as `maxRetries` allows. Its body may go on nevertheless.
 */
export class StepTimeoutError extends WorkflowError {
  override readonly name = "StepTimeoutError";
  readonly stepName: string;
  readonly stepId: string;
  readonly attempt: number;
  /** In milliseconds. */
  readonly timeout: number;

  constructor({ stepName, stepId, attempt }: About, timeout: number) {
    super(
      "STEP_TIMED_OUT",
      `Attempt ${attempt} of step ${stepName} (${stepId}) went on for ${timeout} ms without an end or a heartbeat. ` +
        "If it needs longer, raise the timeout of the step or call heartbeat() in it",
    );
    this.stepName = stepName;
    this.stepId = stepId;
    this.attempt = attempt;
    this.timeout = timeout;
  }

  static override is(value: unknown): value is StepTimeoutError {
    return isNamed(value, "StepTimeoutError");
  }
}

/**
 * A step that may run at most once (`idempotent: false`) was started, and nobody knows what came of it: its process
 * died, or lost the run to another one. It may or may not have done its work. Fatal: never retried.
 */
export class StepOutcomeUnknownError extends WorkflowError {
  override readonly name = "StepOutcomeUnknownError";
  readonly fatal = true;
  readonly stepName: string;
  readonly stepId: string;

  constructor({ stepName, stepId }: Pick<About, "stepName" | "stepId">) {
    super(
      "STEP_OUTCOME_UNKNOWN",
      `Step ${stepName} (${stepId}) was started, and its process died or lost the run before it ended. It may or may ` +
        "not have done its work, and it is not started again, because it may run at most once. Look where it acts " +
        "whether it did",
    );
    this.stepName = stepName;
    this.stepId = stepId;
  }

  static override is(value: unknown): value is StepOutcomeUnknownError {
    return isNamed(value, "StepOutcomeUnknownError");
  }
}
