/**
 * What the modules of this package export inside the realm. The bundler makes a virtual module of each; the
 * realm's prelude supplies the values (`__workflow.modules[specifier][name]`).
 */
export const REALM_MODULES: Readonly<Record<string, readonly string[]>> = {
  workflow: [
    "createHook",
    "createWebhook",
    "defineHook",
    "FatalError",
    "fetch",
    "getStepMetadata",
    "getWorkflowMetadata",
    "getWritable",
    "RetryableError",
    "sleep",
  ],
  "workflow/api": [
    "getHookByToken",
    "getRun",
    "registerLifecycleHooks",
    "resumeHook",
    "resumeOrStart",
    "resumeWebhook",
    "Run",
    "start",
  ],
  "workflow/errors": [
    "EntityConflictError",
    "HookConflictError",
    "HookExpiredError",
    "HookNotFoundError",
    "StepNotRegisteredError",
    "WorkflowError",
    "WorkflowNotRegisteredError",
    "WorkflowRunCancelledError",
    "WorkflowRunFailedError",
    "WorkflowRunNotCompletedError",
    "WorkflowRunNotFoundError",
    "WorkflowRuntimeError",
    "WorkflowWorldError",
    "PreconditionFailedError",
    "RunExpiredError",
    "RunNotSupportedError",
    "StreamError",
    "ThrottleError",
    "TooEarlyError",
  ],
};
