export { defineHook } from "./api/define-hook.ts";
export { setAttributes } from "./api/set-attributes.ts";
export { createHook, createWebhook, getStepMetadata, getWorkflowMetadata, sleep } from "./api/outside.ts";
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
} from "./replay/primitives.ts";
export type { SetAttributesOptions } from "./world/attributes.ts";
export type { StringValue } from "./world/duration.ts";
export { FatalError } from "./world/errors.ts";
export { RetryableError, type RetryableErrorOptions } from "./world/retryable-error.ts";
