// Apps import this file, and so their Nitro configuration has the key `workflow`.
// oxlint-disable-next-line unicorn/require-module-specifiers
export type {} from "./integrations/nitro-config.ts";
export { getHookByToken, resumeHook } from "./api/hooks.ts";
export {
  registerLifecycleHooks,
  type RunCompletedHookParams,
  type RunFailedHookParams,
  type WorkflowLifecycleHooks,
} from "./api/lifecycle-hooks.ts";
export { resumeOrStart, type ResumedOrStarted, type ResumeOrStartOptions } from "./api/resume-or-start.ts";
export { type CancelRunOptions, getRun, Run, type StopSleepOptions, type StopSleepResult } from "./api/run.ts";
export { start, type WorkflowFunction, type WorkflowReference } from "./api/start.ts";
export type {
  StartOptions,
  StartOptionsWithDeploymentId,
  StartOptionsWithoutDeploymentId,
} from "./api/start-options.ts";
export { resumeWebhook } from "./http/resume-webhook.ts";
export type { Event, HeldPayload, Hook, WorkflowRun } from "./world/entities.ts";
export type {
  WorkflowReadableStream,
  WorkflowReadableStreamOptions,
  WorkflowRunWritableStreamOptions,
} from "./world/run-streams.ts";
export type {
  HeldResume,
  HoldOptions,
  KeyOptions,
  ResumedHook,
  ResumeOptions,
  TransactionClient,
  TransactionOptions,
} from "./world/resume.ts";
