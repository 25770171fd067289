import {
  EntityConflictError,
  FatalError,
  NotInStepContextError,
  StepNotRegisteredError,
  UnavailableInWorkflowContextError,
  WorkflowError,
  WorkflowNotRegisteredError,
  WorkflowRunCancelledError,
  WorkflowRunFailedError,
  WorkflowRunNotCompletedError,
  WorkflowRunNotFoundError,
  WorkflowRuntimeError,
  WorkflowWorldError,
} from "../../world/errors.ts";
import { HookConflictError, HookExpiredError, HookNotFoundError } from "../../world/hook-errors.ts";
import * as reserved from "../../world/reserved-errors.ts";
import { RetryableError } from "../../world/retryable-error.ts";
import type { WorkflowMetadata, WritableOptions } from "../primitives.ts";
import { baseUrl } from "./base-url.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { createHookFactory } from "./create-hook.ts";
import { createWebhookFactory } from "./create-webhook.ts";
import { createFetch } from "./fetch.ts";
import { RealmRun } from "./run.ts";
import { writableHandle } from "./run-streams.ts";
import { sleep } from "./sleep.ts";

/** The values behind `replay/surface.ts`. */
export function createModules(bridge: Bridge): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const createHook = createHookFactory(bridge);
  return {
    workflow: {
      createHook,
      createWebhook: createWebhookFactory(bridge),
      defineHook: () => ({ create: createHook, resume: hostOnly("TypedHook.resume") }),
      FatalError,
      fetch: createFetch(bridge),
      getStepMetadata: () => {
        throw new NotInStepContextError("getStepMetadata");
      },
      getWorkflowMetadata: () => workflowMetadata(),
      getWritable: (options?: WritableOptions) => writableHandle(callingRun().runId, options),
      RetryableError,
      sleep,
    },
    "workflow/api": {
      getHookByToken: hostOnly("getHookByToken"),
      getRun: hostOnly("getRun"),
      registerLifecycleHooks: hostOnly("registerLifecycleHooks"),
      resumeHook: hostOnly("resumeHook"),
      resumeOrStart: hostOnly("resumeOrStart"),
      resumeWebhook: hostOnly("resumeWebhook"),
      Run: RealmRun,
      start: hostOnly("start"),
    },
    "workflow/errors": {
      EntityConflictError,
      HookConflictError,
      HookExpiredError,
      HookNotFoundError,
      StepNotRegisteredError,
      WorkflowError,
      WorkflowNotRegisteredError,
      WorkflowRunCancelledError,
      WorkflowRunFailedError,
      WorkflowRunNotCompletedError,
      WorkflowRunNotFoundError,
      WorkflowRuntimeError,
      WorkflowWorldError,
      ...reserved,
    },
  };
}

function hostOnly(name: string): () => never {
  return () => {
    throw new UnavailableInWorkflowContextError(name, callingRun().workflowName);
  };
}

function workflowMetadata(): WorkflowMetadata {
  const run = callingRun();
  return {
    workflowName: run.workflowName,
    workflowRunId: run.runId,
    workflowStartedAt: new Date(run.startedAt),
    url: baseUrl(run),
    features: { encryption: false },
  };
}
