export { defineHook } from "./api/define-hook.ts";
export {
  cancellable,
  continueAsNew,
  createHook,
  createWebhook,
  fetch,
  getStepMetadata,
  getWorkflowMetadata,
  getWritable,
  heartbeat,
  sleep,
} from "./api/outside.ts";
export { setAttributes } from "./api/set-attributes.ts";
export { transactional } from "./api/transactional.ts";
export type {
  CancellableOptions,
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
  WorkflowWritableStreamOptions,
} from "./replay/primitives.ts";
export type { SetAttributesOptions } from "./world/attributes.ts";
export type { StringValue } from "./world/duration.ts";
export { FatalError } from "./world/errors.ts";
export { RetryableError, type RetryableErrorOptions } from "./world/retryable-error.ts";
export type { BackoffOptions, StepOptions } from "./world/step-options.ts";
