import {
  EntityConflictError,
  FatalError,
  HookConflictError,
  HookExpiredError,
  HookNotFoundError,
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
import * as reserved from "../../world/reserved-errors.ts";
import { RetryableError } from "../../world/retryable-error.ts";
import type { WorkflowMetadata } from "../primitives.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun } from "./context.ts";
import { createHookFactory } from "./create-hook.ts";
import { RealmRun } from "./run.ts";
import { createSleep } from "./sleep.ts";

/** The values behind `replay/surface.ts`. */
export function createModules(bridge: Bridge): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const createHook = createHookFactory(bridge);
  return {
    workflow: {
      createHook,
      defineHook: () => ({ create: createHook, resume: hostOnly("TypedHook.resume") }),
      FatalError,
      getStepMetadata: () => {
        throw new NotInStepContextError("getStepMetadata");
      },
      getWorkflowMetadata: () => workflowMetadata(bridge),
      RetryableError,
      sleep: createSleep(bridge),
    },
    "workflow/api": {
      getHookByToken: hostOnly("getHookByToken"),
      getRun: hostOnly("getRun"),
      resumeHook: hostOnly("resumeHook"),
      resumeOrStart: hostOnly("resumeOrStart"),
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

function workflowMetadata(bridge: Bridge): WorkflowMetadata {
  const run = callingRun();
  const env = JSON.parse(bridge.env()) as Record<string, string>;
  return {
    workflowName: run.workflowName,
    workflowRunId: run.runId,
    workflowStartedAt: new Date(run.startedAt),
    url: env["WORKFLOW_LOCAL_BASE_URL"] ?? `http://localhost:${env["PORT"] ?? "3000"}`,
    features: { encryption: false },
  };
}
