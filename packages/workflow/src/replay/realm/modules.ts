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
import { RunExpiredError } from "../../world/run-expired-error.ts";
import { RetryableError } from "../../world/retryable-error.ts";
import { StepOutcomeUnknownError, StepTimeoutError } from "../../world/step-errors.ts";
import type { WorkflowMetadata, WorkflowWritableStreamOptions } from "../primitives.ts";
import { baseUrl } from "./base-url.ts";
import type { Bridge } from "./bridge.ts";
import { cancellable } from "./cancellation.ts";
import { callingRun } from "./context.ts";
import { continueAsNew } from "./continue-as-new.ts";
import { createHookFactory } from "./create-hook.ts";
import { createWebhookFactory } from "./create-webhook.ts";
import { createFetch } from "./fetch.ts";
import { RealmRun } from "./run.ts";
import { writableHandle } from "./run-streams.ts";
import { createSetAttributes } from "./set-attributes.ts";
import { sleep } from "./sleep.ts";
import { start } from "./start.ts";

/** The values behind `replay/surface.ts`. */
export function createModules(bridge: Bridge): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const createHook = createHookFactory(bridge);
  return {
    workflow: {
      cancellable,
      continueAsNew,
      createHook,
      createWebhook: createWebhookFactory(bridge),
      defineHook: () => ({ create: createHook, resume: hostOnly("TypedHook.resume") }),
      FatalError,
      fetch: createFetch(bridge),
      getStepMetadata: stepOnly("getStepMetadata"),
      getWorkflowMetadata: () => workflowMetadata(),
      getWritable: (options?: WorkflowWritableStreamOptions) => writableHandle(callingRun().runId, options),
      heartbeat: stepOnly("heartbeat"),
      RetryableError,
      setAttributes: createSetAttributes(bridge),
      sleep,
      // The client is the worker's to give; workflow code has what stands for the step.
      transactional: (step: unknown) => step,
    },
    "workflow/api": {
      getHookByToken: hostOnly("getHookByToken"),
      getRun: hostOnly("getRun"),
      registerLifecycleHooks: hostOnly("registerLifecycleHooks"),
      resumeHook: hostOnly("resumeHook"),
      resumeOrStart: hostOnly("resumeOrStart"),
      resumeWebhook: hostOnly("resumeWebhook"),
      Run: RealmRun,
      start,
    },
    "workflow/errors": {
      EntityConflictError,
      HookConflictError,
      HookExpiredError,
      HookNotFoundError,
      RunExpiredError,
      StepNotRegisteredError,
      StepOutcomeUnknownError,
      StepTimeoutError,
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

function stepOnly(name: string): () => never {
  return () => {
    throw new NotInStepContextError(name);
  };
}

function workflowMetadata(): WorkflowMetadata {
  const run = callingRun();
  return {
    workflowName: run.workflowName,
    workflowRunId: run.runId,
    workflowStartedAt: new Date(run.startedAt),
    url: baseUrl(run),
    features: { encryption: run.encryption },
  };
}
