export { defineHook } from "./api/define-hook.ts";
export {
  createHook,
  createWebhook,
  fetch,
  getStepMetadata,
  getWorkflowMetadata,
  getWritable,
  sleep,
} from "./api/outside.ts";
export type {
  ConflictingRun,
  DefineHookOptions,
  Hook,
  HookOptions,
  Received,
  ReceiveOptions,
  RequestWithResponse,
  StepMetadata,
  TypedHook,
  Webhook,
  WebhookOptions,
  WorkflowMetadata,
  WritableOptions,
} from "./replay/primitives.ts";
export type { StringValue } from "./world/duration.ts";
export { FatalError } from "./world/errors.ts";
export { RetryableError, type RetryableErrorOptions } from "./world/retryable-error.ts";
