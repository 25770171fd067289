import { expect, test } from "vitest";
import type { Step } from "../world/entities.ts";
import { LeaseLostError, StepNotRegisteredError, WorkflowWorldError } from "../world/errors.ts";
import { judgeMissingStep, judgeSetback } from "./setback.ts";

const step = { stepName: "step//shop//charge", createdAt: new Date(1_000_000) } as Step;
const missing = new StepNotRegisteredError(step.stepName);

test("a missing step is looked for less often the longer it is missed: from one second to one minute", () => {
  const waits = [0, 5_000, 60_000, 3_600_000, 864_000_000].map((age) => {
    const now = 1_000_000 + age;
    return (judgeMissingStep("wrun_1", step, missing, now).parked.dueAt ?? 0) - now;
  });
  expect(waits).toEqual([1_000, 1_000, 6_000, 60_000, 60_000]);
});

test("operators are told which run waits for which step", () => {
  const setback = judgeMissingStep("wrun_1", step, missing, 1_000_000);
  expect(setback).toMatchObject({
    kind: "put aside",
    message: expect.stringMatching(/wrun_1 .*step\/\/shop\/\/charge/),
    parked: { problem: { code: "STEP_NOT_REGISTERED" } },
  });
});

test("a run of someone else, or a payload that would overtake, begins anew and is no problem", () => {
  const overtaking = new WorkflowWorldError("PRECONDITION_FAILED", "facts wait");
  for (const error of [new LeaseLostError("gone"), overtaking]) {
    expect(judgeSetback("wrun_1", error, 5)).toEqual({ kind: "start over", parked: { dueAt: 0 } });
  }
});

test("a run that the World's failure stopped is tried again by itself; one that cannot go on waits for an operator", () => {
  const failed = judgeSetback("wrun_1", new WorkflowWorldError("WORLD_FAILED", "no disk"), 5);
  expect(failed.parked).toMatchObject({ dueAt: 1_005, problem: { code: "WORLD_FAILED" } });
  const stuck = judgeSetback("wrun_1", new TypeError("odd"), 5);
  expect(stuck.parked).toMatchObject({ dueAt: null, problem: { code: "RUNTIME_ERROR", message: "odd" } });
});
