export {
  EntityConflictError,
  StepNotRegisteredError,
  WorkflowError,
  WorkflowNotRegisteredError,
  WorkflowRunCancelledError,
  WorkflowRunFailedError,
  WorkflowRunNotCompletedError,
  WorkflowRunNotFoundError,
  WorkflowRuntimeError,
  WorkflowWorldError,
  type ErrorCode,
} from "./world/errors.ts";
export {
  HoldLimitError,
  HookConflictError,
  HookExpiredError,
  HookNotFoundError,
  WebhookError,
} from "./world/hook-errors.ts";
export {
  PreconditionFailedError,
  RunNotSupportedError,
  StreamError,
  StreamExpiredError,
  ThrottleError,
  TooEarlyError,
} from "./world/reserved-errors.ts";
export { RunExpiredError } from "./world/run-expired-error.ts";
export { StepOutcomeUnknownError, StepTimeoutError } from "./world/step-errors.ts";
