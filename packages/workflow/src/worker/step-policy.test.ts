import { describe, expect, test } from "vitest";
import { runStepName } from "../replay/engine-steps.ts";
import type { Step } from "../world/entities.ts";
import { judgeInterruption } from "./interruption.ts";
import { judgePolicy } from "./step-policy.ts";

function called(settings?: Step["settings"], stepName = "step//./shop//charge"): Step {
  const at = new Date(0);
  const step: Step = { runId: "r", stepId: "s", stepName, status: "pending", attempt: 0, createdAt: at, updatedAt: at };
  return settings === undefined ? step : { ...step, settings };
}

describe("what holds for a step", () => {
  test("without options", () => {
    expect(judgePolicy(called(), undefined)).toEqual({
      status: "valid",
      policy: { maxRetries: 3, timeout: undefined, backoff: { initial: 100, factor: 2, max: 1_000 }, isOnce: false },
    });
  });

  test("the function's own options win one by one over those of its call [07-7.1]", () => {
    const { policy } = judgePolicy(called({ maxRetries: 1, timeout: 5 }), { maxRetries: 7 });
    expect(policy).toMatchObject({ maxRetries: 7, timeout: 5 });
  });

  test("at most once is kept, whatever the function says later", () => {
    const { policy } = judgePolicy(called({ idempotent: false }), { idempotent: true, maxRetries: 9 });
    expect(policy).toMatchObject({ isOnce: true, maxRetries: 0 });
  });

  test("options that cannot be used leave what the call said, and say why", () => {
    const judged = judgePolicy(called({ maxRetries: 1 }), { timeout: "soon" });
    expect(judged).toMatchObject({ status: "invalid", policy: { maxRetries: 1 }, error: { code: "INVALID_ARGUMENT" } });
  });

  test("steps of the engine are tried without an end", () => {
    const { policy } = judgePolicy(called({}, runStepName("status")), { maxRetries: 0 });
    expect(policy).toMatchObject({ maxRetries: Infinity, isOnce: false });
  });
});

test("a step that may run once is not started again after its process died", () => {
  expect(judgeInterruption(1, { maxRetries: 0, isOnce: true })).toBe("unknown");
});
