import type { RunErrorCode } from "./events.ts";

/** Every code an error of this project can carry. Each has a page `docs/errors/<CODE>.md`. */
export type ErrorCode =
  | "CONTEXT_VIOLATION"
  | "DECRYPTION_FAILED"
  | "ENTITY_CONFLICT"
  | "HOLD_LIMIT"
  | "HOOK_CONFLICT"
  | "HOOK_EXPIRED"
  | "HOOK_NOT_FOUND"
  | "INVALID_ARGUMENT"
  | "INVALID_WORKFLOW_FUNCTION"
  | "LEASE_LOST"
  | "NOT_FOUND"
  | "PAYLOAD_TOO_LARGE"
  | "PRECONDITION_FAILED"
  | "REPLAY_DIVERGED"
  | "RUN_CANCELLED"
  | "RUN_EXPIRED"
  | "RUN_FAILED"
  | "RUN_NOT_FOUND"
  | "RUN_NOT_SUPPORTED"
  | "RUNTIME_ERROR"
  | "SERIALIZATION_FAILED"
  | "STEP_NOT_REGISTERED"
  | "STEP_OUTCOME_UNKNOWN"
  | "STEP_TIMED_OUT"
  | "STREAM_FAILED"
  | "THROTTLED"
  | "TOO_EARLY"
  | "UNSUPPORTED_NODE"
  | "VERSION_CONFLICT"
  | "WEBHOOK_BODY_CONSUMED"
  | "WEBHOOK_BODY_TOO_LARGE"
  | "WEBHOOK_NOT_ANSWERED"
  | "WEBHOOK_NOT_VERIFIED"
  | "WORKER_STOPPED"
  | "WORKFLOW_BUILD_FAILED"
  | "WORKFLOW_DIRECT_CALL"
  | "WORKFLOW_NOT_REGISTERED"
  | "WORKFLOW_STUCK"
  | "WORLD_CLOSED"
  | "WORLD_FAILED";

/**
 * Base class of every error this project throws on purpose. `code` says which; the message repeats it.
 * `is` compares names, so it works across realms and duplicate installs; it does not match subclasses
 * (contract 03 section 3.2).
 */
export class WorkflowError extends Error {
  override readonly name: string = "WorkflowError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(`${message} (${code})`, options);
    this.code = code;
  }

  static is(value: unknown): value is WorkflowError {
    return isNamed(value, "WorkflowError");
  }
}

/** How every `is` compares. */
export function isNamed(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && "name" in value && value.name === name;
}

/** `returnValue` of a run that failed. `cause` is the value the run threw (contract 03 section 3.3). */
export class WorkflowRunFailedError extends WorkflowError {
  override readonly name = "WorkflowRunFailedError";
  readonly runId: string;
  readonly errorCode: RunErrorCode | undefined;

  constructor(runId: string, cause: unknown, options: { readonly errorCode?: RunErrorCode } = {}) {
    super("RUN_FAILED", `Run ${runId} failed: ${describe(cause)}`, { cause });
    this.runId = runId;
    this.errorCode = options.errorCode;
  }

  static override is(value: unknown): value is WorkflowRunFailedError {
    return isNamed(value, "WorkflowRunFailedError");
  }
}

function describe(cause: unknown): string {
  try {
    return String(typeof cause === "object" && cause !== null && "message" in cause ? cause.message : cause);
  } catch {
    return "with a value that has no text";
  }
}

/** `returnValue` of a run that was cancelled. */
export class WorkflowRunCancelledError extends WorkflowError {
  override readonly name = "WorkflowRunCancelledError";
  readonly runId: string;

  constructor(runId: string, reason?: string) {
    super("RUN_CANCELLED", `Run ${runId} was cancelled${reason === undefined ? "" : `: ${reason}`}`);
    this.runId = runId;
  }

  static override is(value: unknown): value is WorkflowRunCancelledError {
    return isNamed(value, "WorkflowRunCancelledError");
  }
}

/** A result was read from a run that has not ended. */
export class WorkflowRunNotCompletedError extends WorkflowError {
  override readonly name = "WorkflowRunNotCompletedError";
  readonly runId: string;
  readonly status: string;

  constructor(runId: string, status: string) {
    super("ENTITY_CONFLICT", `Run ${runId} has no result yet: it is ${status}. Await run.returnValue to wait for it`);
    this.runId = runId;
    this.status = status;
  }

  static override is(value: unknown): value is WorkflowRunNotCompletedError {
    return isNamed(value, "WorkflowRunNotCompletedError");
  }
}

/** No run has this id in the World that was asked. */
export class WorkflowRunNotFoundError extends WorkflowError {
  override readonly name = "WorkflowRunNotFoundError";
  readonly runId: string;

  constructor(runId: string) {
    super(
      "RUN_NOT_FOUND",
      `There is no run ${runId}. Check the id, and that this process uses the data it was started in`,
    );
    this.runId = runId;
  }

  static override is(value: unknown): value is WorkflowRunNotFoundError {
    return isNamed(value, "WorkflowRunNotFoundError");
  }
}

/** Something inside the engine, or between it and the deployed code, is not as it must be. */
export class WorkflowRuntimeError extends WorkflowError {
  override readonly name: string = "WorkflowRuntimeError";

  constructor(message: string, options?: ErrorOptions & { readonly code?: ErrorCode }) {
    super(options?.code ?? "RUNTIME_ERROR", message, options);
  }

  static override is(value: unknown): value is WorkflowRuntimeError {
    return isNamed(value, "WorkflowRuntimeError");
  }
}

/** The deployed code has no step with this name. */
export class StepNotRegisteredError extends WorkflowRuntimeError {
  override readonly name = "StepNotRegisteredError";
  readonly stepName: string;

  constructor(stepName: string, options: ErrorOptions = {}) {
    super(`The deployed code has no step ${stepName}. Was its file or function renamed, moved or removed?`, {
      ...options,
      code: "STEP_NOT_REGISTERED",
    });
    this.stepName = stepName;
  }

  static override is(value: unknown): value is StepNotRegisteredError {
    return isNamed(value, "StepNotRegisteredError");
  }
}

/** The code of the run has no workflow with this name. */
export class WorkflowNotRegisteredError extends WorkflowRuntimeError {
  override readonly name = "WorkflowNotRegisteredError";
  readonly workflowName: string;

  constructor(workflowName: string) {
    super(`There is no workflow ${workflowName}. Is its function exported, and its file part of the project?`, {
      code: "WORKFLOW_NOT_REGISTERED",
    });
    this.workflowName = workflowName;
  }

  static override is(value: unknown): value is WorkflowNotRegisteredError {
    return isNamed(value, "WorkflowNotRegisteredError");
  }
}

/** Workflow code and the history it is replayed against disagree (invariant I7). */
export class ReplayDivergenceError extends WorkflowRuntimeError {
  override readonly name = "ReplayDivergenceError";
  readonly eventId: string;

  constructor(eventId: string, message: string) {
    super(message, { code: "REPLAY_DIVERGED" });
    this.eventId = eventId;
  }

  static override is(value: unknown): value is ReplayDivergenceError {
    return isNamed(value, "ReplayDivergenceError");
  }
}

/** A value cannot cross a boundary (contract 06 section 6.10). Fatal: never retried. */
export class SerializationError extends WorkflowError {
  override readonly name = "SerializationError";
  readonly fatal = true;
  readonly hint: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly hint?: string; readonly code?: ErrorCode }) {
    super(
      options?.code ?? "SERIALIZATION_FAILED",
      options?.hint === undefined ? message : `${message}. ${options.hint}`,
      options,
    );
    this.hint = options?.hint;
  }

  static override is(value: unknown): value is SerializationError {
    return isNamed(value, "SerializationError");
  }
}

/** The compiler or the bundler refused the project's code. */
export class WorkflowBuildError extends WorkflowError {
  override readonly name = "WorkflowBuildError";
  readonly hint: string | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly hint?: string }) {
    super("WORKFLOW_BUILD_FAILED", message, options);
    this.hint = options?.hint;
  }

  static override is(value: unknown): value is WorkflowBuildError {
    return isNamed(value, "WorkflowBuildError");
  }
}

/** A World could not do what it was asked. */
export class WorkflowWorldError extends WorkflowError {
  override readonly name: string = "WorkflowWorldError";
  /** The argument at fault, with code `INVALID_ARGUMENT`. */
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { readonly field?: string }) {
    super(code, message, options);
    this.field = options?.field;
  }

  static override is(value: unknown): value is WorkflowWorldError {
    return isNamed(value, "WorkflowWorldError");
  }
}

/** The transition is not possible any more, or the thing exists already. */
export class EntityConflictError extends WorkflowWorldError {
  override readonly name = "EntityConflictError";

  constructor(message: string) {
    super("ENTITY_CONFLICT", message);
  }

  static override is(value: unknown): value is EntityConflictError {
    return isNamed(value, "EntityConflictError");
  }
}

/** Someone else owns the run now; whoever gets this drops what it had in hand (invariant I1). */
export class LeaseLostError extends WorkflowWorldError {
  override readonly name = "LeaseLostError";

  constructor(message: string) {
    super("LEASE_LOST", message);
  }

  static override is(value: unknown): value is LeaseLostError {
    return isNamed(value, "LeaseLostError");
  }
}

/** Base of the errors for a function called where it cannot work (contract 03 section 3.4). */
class ContextViolationError extends WorkflowError {
  readonly fatal = true;

  constructor(message: string) {
    super("CONTEXT_VIOLATION", message);
  }
}

/** `sleep`, `createHook` and the like, called outside a workflow body. */
export class NotInWorkflowContextError extends ContextViolationError {
  override readonly name = "NotInWorkflowContextError";

  constructor(functionName: string) {
    super(`${functionName}() works only in the body of a "use workflow" function`);
  }

  static override is(value: unknown): value is NotInWorkflowContextError {
    return isNamed(value, "NotInWorkflowContextError");
  }
}

/** `getStepMetadata` and the like, called outside a step body. */
export class NotInStepContextError extends ContextViolationError {
  override readonly name = "NotInStepContextError";

  constructor(functionName: string) {
    super(`${functionName}() works only in the body of a "use step" function that a workflow called`);
  }

  static override is(value: unknown): value is NotInStepContextError {
    return isNamed(value, "NotInStepContextError");
  }
}

/** `getWorkflowMetadata` and the like, called outside both. */
export class NotInWorkflowOrStepContextError extends ContextViolationError {
  override readonly name = "NotInWorkflowOrStepContextError";

  constructor(functionName: string) {
    super(
      `${functionName}() works only in the body of a "use workflow" function, or of a "use step" function that one called`,
    );
  }

  static override is(value: unknown): value is NotInWorkflowOrStepContextError {
    return isNamed(value, "NotInWorkflowOrStepContextError");
  }
}

/** `start`, `resumeHook` and the like, called in a workflow body. */
export class UnavailableInWorkflowContextError extends ContextViolationError {
  override readonly name = "UnavailableInWorkflowContextError";

  constructor(functionName: string, workflowName?: string) {
    super(
      `${functionName}() cannot be called in a workflow body${workflowName === undefined ? "" : ` (${workflowName})`}: ` +
        'it would not replay. Call it in a "use step" function',
    );
  }

  static override is(value: unknown): value is UnavailableInWorkflowContextError {
    return isNamed(value, "UnavailableInWorkflowContextError");
  }
}

/** Thrown by a step to fail at once, without retries. `is` matches any error with `fatal: true`. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  readonly fatal = true;

  static is(value: unknown): value is FatalError {
    return typeof value === "object" && value !== null && "fatal" in value && value.fatal === true;
  }
}
