import { expect, test } from "vitest";
import { DEFAULT_BACKOFF } from "../world/step-options.ts";
import { type Failure, judgeFailure } from "./retry.ts";

const NOW = 1_000_000;
const failure: Failure = {
  attempt: 1,
  maxRetries: 3,
  fatal: false,
  retryAfter: undefined,
  backoff: DEFAULT_BACKOFF,
};

const waits = (attempts: number, backoff: Failure["backoff"]): number[] =>
  Array.from({ length: attempts }, (_, index) => {
    const verdict = judgeFailure({ ...failure, attempt: index + 1, maxRetries: Infinity, backoff }, NOW);
    return verdict.kind === "retry" ? verdict.at - NOW : Number.NaN;
  });

test("three retries by default, within a second each [07-7.1.default] [07-7.1.soon]", () => {
  const verdicts = [1, 2, 3, 4].map((attempt) => judgeFailure({ ...failure, attempt }, NOW).kind);
  expect(verdicts).toEqual(["retry", "retry", "retry", "fail"]);
  expect(waits(6, DEFAULT_BACKOFF)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
});

test("no retry with maxRetries 0, and none of a fatal error [07-7.1.zero] [07-7.1.fatal]", () => {
  expect(judgeFailure({ ...failure, maxRetries: 0 }, NOW)).toEqual({ kind: "fail" });
  expect(judgeFailure({ ...failure, fatal: true }, NOW)).toEqual({ kind: "fail" });
});

test("the time that the error names wins over the backoff [07-7.1.retryable]", () => {
  expect(judgeFailure({ ...failure, retryAfter: NOW + 7 }, NOW)).toEqual({ kind: "retry", at: NOW + 7 });
});

test("a backoff grows by its factor up to its longest wait, however many attempts there are", () => {
  expect(waits(5, { initial: 10, factor: 3, max: 200 })).toEqual([10, 30, 90, 200, 200]);
  expect(waits(3, { initial: 250, factor: 1, max: 250 })).toEqual([250, 250, 250]);
  expect(waits(2_000, { initial: 0, factor: 2, max: 1_000 }).at(-1)).toBe(0);
  expect(waits(2_000, { initial: 1, factor: 2, max: 1_000 }).at(-1)).toBe(1_000);
});
