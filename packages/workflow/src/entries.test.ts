// What programs import (contract 01 section 1.0, 02, 04 section 4.1).
import { expect, expectTypeOf, test } from "vitest";
import type {
  Hook,
  HookOptions,
  RequestWithResponse,
  RetryableErrorOptions,
  StepMetadata,
  TypedHook,
  Webhook,
  WebhookOptions,
  WorkflowMetadata,
  WorkflowWritableStreamOptions,
} from "./index.ts";
import type {
  CancelRunOptions,
  Event,
  Hook as FoundHook,
  ResumedHook,
  RunCompletedHookParams,
  RunFailedHookParams,
  StartOptions,
  StopSleepOptions,
  StopSleepResult,
  WorkflowLifecycleHooks,
  WorkflowRun,
} from "./api.ts";

test("workflow exports its functions and errors [01-1.0.specifiers]", async () => {
  expect(Object.keys(await import("./index.ts"))).toEqual(
    expect.arrayContaining([
      "FatalError",
      "RetryableError",
      "createHook",
      "createWebhook",
      "defineHook",
      "getStepMetadata",
      "getWorkflowMetadata",
      "sleep",
    ]),
  );
});

test("workflow/api exports its functions, and workflow/runtime the World [01-1.0.specifiers] [02-2.0.exports]", async () => {
  expect(Object.keys(await import("./api.ts"))).toEqual(
    expect.arrayContaining([
      "Run",
      "getHookByToken",
      "getRun",
      "registerLifecycleHooks",
      "resumeHook",
      "resumeWebhook",
      "start",
    ]),
  );
  expect(Object.keys(await import("./runtime.ts"))).toEqual(
    expect.arrayContaining(["createWorld", "getWorld", "setWorld"]),
  );
});

test("their types are exported too [01-1.0.types] [02-2.0.exports]", () => {
  expectTypeOf<[Hook, HookOptions, RequestWithResponse, RetryableErrorOptions, StepMetadata]>().not.toBeAny();
  expectTypeOf<[TypedHook<string>, Webhook, WebhookOptions, WorkflowMetadata]>().not.toBeAny();
  expectTypeOf<WorkflowWritableStreamOptions>().not.toBeAny();
  expectTypeOf<[CancelRunOptions, Event, FoundHook, ResumedHook, RunCompletedHookParams]>().not.toBeAny();
  expectTypeOf<[RunFailedHookParams, StartOptions, StopSleepOptions, StopSleepResult]>().not.toBeAny();
  expectTypeOf<[WorkflowLifecycleHooks, WorkflowRun]>().not.toBeAny();
});
