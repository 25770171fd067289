// The errors that users meet, as contract 03 has them.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  createHook,
  createWebhook,
  defineHook,
  FatalError,
  getStepMetadata,
  getWorkflowMetadata,
  RetryableError,
  sleep,
} from "./index.ts";
import * as errors from "./errors.ts";
import { SerializationError, UnavailableInWorkflowContextError, WorkflowBuildError } from "./world/errors.ts";

type Checked = (new (...args: never[]) => Error) & { readonly name: string; is(value: unknown): boolean };

/** One of each class that `workflow/errors` exports. */
const SAMPLES: Readonly<Record<string, Error>> = {
  EntityConflictError: new errors.EntityConflictError("it is over"),
  HookConflictError: new errors.HookConflictError("t", "wrun_1"),
  HookNotFoundError: new errors.HookNotFoundError("t"),
  PreconditionFailedError: new errors.PreconditionFailedError("stale", { retryAfter: 1 }),
  RunExpiredError: new errors.RunExpiredError("gone", { runId: "wrun_1", expiredAt: new Date(7) }),
  RunNotSupportedError: new errors.RunNotSupportedError(6, 5),
  StepNotRegisteredError: new errors.StepNotRegisteredError("step//./a//b"),
  StreamError: new errors.StreamError("broken"),
  ThrottleError: new errors.ThrottleError("slow down", { retryAfter: 2 }),
  TooEarlyError: new errors.TooEarlyError("not yet", { retryAfter: 3 }),
  WorkflowError: new errors.WorkflowError("WORLD_CLOSED", "closed", { cause: "why" }),
  WorkflowNotRegisteredError: new errors.WorkflowNotRegisteredError("workflow//./a//b"),
  WorkflowRunCancelledError: new errors.WorkflowRunCancelledError("wrun_1"),
  WorkflowRunFailedError: new errors.WorkflowRunFailedError("wrun_1", "thrown", { errorCode: "USER_ERROR" }),
  WorkflowRunNotCompletedError: new errors.WorkflowRunNotCompletedError("wrun_1", "running"),
  WorkflowRunNotFoundError: new errors.WorkflowRunNotFoundError("wrun_1"),
  WorkflowRuntimeError: new errors.WorkflowRuntimeError("broken", { cause: "why" }),
  WorkflowWorldError: new errors.WorkflowWorldError("INVALID_ARGUMENT", "no", { field: "limit" }),
};

const classOf = (name: string): Checked => Reflect.get(errors, name) as Checked;
const NAMES = Object.keys(SAMPLES);

describe.each(NAMES)("%s", (name) => {
  test("is exported, is an Error and has its name [03-3.1.exports]", () => {
    expect(SAMPLES[name]).toBeInstanceOf(classOf(name));
    expect(SAMPLES[name]).toBeInstanceOf(Error);
    expect(SAMPLES[name]?.name).toBe(name);
  });

  test("is() goes by the name: of another copy or realm, of a plain object, and of no other class [03-3.2.by-name] [03-3.2.exact] [03-A.5]", () => {
    const { is } = classOf(name);
    const foreign: unknown = runInNewContext(`Object.assign(new Error("m"), { name: ${JSON.stringify(name)} })`);
    expect([is(SAMPLES[name]), is(foreign), is({ name })]).toEqual([true, true, true]);
    expect([is(new Error(name)), is(name), is(null), is(undefined)]).toEqual([false, false, false, false]);
    expect(NAMES.filter((other) => is(SAMPLES[other]))).toEqual([name]);
  });
});

test.each([
  ["WorkflowError", NAMES],
  ["WorkflowRuntimeError", ["StepNotRegisteredError", "WorkflowNotRegisteredError", "WorkflowRuntimeError"]],
  [
    "WorkflowWorldError",
    [
      "EntityConflictError",
      "PreconditionFailedError",
      "RunExpiredError",
      "StreamError",
      "ThrottleError",
      "TooEarlyError",
      "WorkflowWorldError",
    ],
  ],
])("instanceof %s matches its family [03-3.1.hierarchy] [03-3.2.exact]", (name, family) => {
  expect(NAMES.filter((other) => SAMPLES[other] instanceof classOf(name))).toEqual(family);
});

test("each carries what it is about [03-3.3.WorkflowError] [03-3.3.WorkflowRunFailedError] [03-3.3.WorkflowRunCancelledError] [03-3.3.WorkflowRunNotCompletedError] [03-3.3.WorkflowRunNotFoundError] [03-3.3.StepNotRegisteredError] [03-3.3.WorkflowNotRegisteredError] [03-3.3.HookNotFoundError] [03-3.3.HookConflictError] [03-3.3.RunNotSupportedError] [03-3.3.TooEarlyError] [03-3.3.ThrottleError] [03-3.3.PreconditionFailedError] [03-3.3.WorkflowWorldError]", () => {
  expect(SAMPLES).toMatchObject({
    HookConflictError: { token: "t", conflictingRunId: "wrun_1" },
    HookNotFoundError: { token: "t" },
    PreconditionFailedError: { retryAfter: 1 },
    RunNotSupportedError: { runSpecVersion: 6, worldSpecVersion: 5 },
    StepNotRegisteredError: { stepName: "step//./a//b" },
    ThrottleError: { retryAfter: 2 },
    TooEarlyError: { retryAfter: 3 },
    WorkflowError: { cause: "why" },
    WorkflowNotRegisteredError: { workflowName: "workflow//./a//b" },
    WorkflowRunCancelledError: { runId: "wrun_1" },
    WorkflowRunFailedError: { runId: "wrun_1", cause: "thrown", errorCode: "USER_ERROR" },
    WorkflowRunNotCompletedError: { runId: "wrun_1", status: "running" },
    WorkflowRunNotFoundError: { runId: "wrun_1" },
    WorkflowRuntimeError: { cause: "why" },
    WorkflowWorldError: { code: "INVALID_ARGUMENT", field: "limit" },
  });
});

test("FatalError.is takes whatever is fatal: true, own or inherited [03-3.2.fatal] [01-1.12.fatal-is]", () => {
  class Refused extends Error {
    readonly fatal = true;
  }
  const inherited: unknown = Object.create(new Refused());
  const fatal = [new FatalError("x"), new Refused(), inherited, new SerializationError("x"), { fatal: true }];
  expect(fatal.map((value) => FatalError.is(value))).toEqual(fatal.map(() => true));
  const others = [new RetryableError("x"), new Error("x"), { fatal: "yes" }, null, "fatal"];
  expect(others.map((value) => FatalError.is(value))).toEqual(others.map(() => false));
});

test("a build that failed may have a hint [03-3.3.WorkflowBuildError]", () => {
  expect(new WorkflowBuildError("no", { hint: "do" })).toMatchObject({ hint: "do", code: "WORKFLOW_BUILD_FAILED" });
});

test.each<[string, string, () => unknown]>([
  ["sleep", "NotInWorkflowContextError", () => sleep("1s")],
  ["createHook", "NotInWorkflowContextError", () => createHook()],
  ["defineHook().create", "NotInWorkflowContextError", () => defineHook().create()],
  ["createWebhook", "NotInWorkflowContextError", () => createWebhook()],
  ["getStepMetadata", "NotInStepContextError", () => getStepMetadata()],
  ["getWorkflowMetadata", "NotInWorkflowOrStepContextError", () => getWorkflowMetadata()],
])(
  "%s where it cannot work: %s, fatal, in plain text, from the caller's line [03-3.4.fatal] [03-3.4.workflow-only] [03-3.4.step-only] [03-3.4.either] [03-3.4.stack] [01-1.5.where] [01-1.11.step] [01-1.11.workflow] [01-1.17.12]",
  (functionName, name, call) => {
    const error = thrownBy(call);
    expect(error).toMatchObject({ name, fatal: true, code: "CONTEXT_VIOLATION" });
    expect(error.message.startsWith(`${functionName}() works only in `)).toBe(true);
    expect(error.message).toMatch(/^[\x20-\x7e]+$/);
    expect(error.stack).toContain("errors.test.ts");
  },
);

test("a host function in a body names itself and the workflow [03-3.4.host-only]", () => {
  const error = new UnavailableInWorkflowContextError("start", "workflow//./a//order");
  expect(error.message).toMatch(/^start\(\) .*workflow\/\/\.\/a\/\/order/);
  expect(error.fatal).toBe(true);
});

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
