import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FatalError } from "./errors.ts";
import { RetryableError } from "./retryable-error.ts";

const now = new Date("2026-03-01T12:00:00Z");
beforeEach(() => void vi.useFakeTimers({ now }));
afterEach(() => void vi.useRealTimers());

const later = (ms: number): Date => new Date(now.getTime() + ms);

test.each([
  ["nothing", undefined, later(1000)],
  ["milliseconds", 250, later(250)],
  ["a duration", "5m", later(300_000)],
  ["a Date", later(42), later(42)],
] as const)("retryAfter from %s [01-1.12.retry-after]", (_, retryAfter, expected) => {
  expect(new RetryableError("busy", retryAfter === undefined ? {} : { retryAfter }).retryAfter).toEqual(expected);
});

test("a Date is copied", () => {
  const retryAfter = later(10);
  const error = new RetryableError("busy", { retryAfter });
  retryAfter.setTime(0);
  expect(error.retryAfter).toEqual(later(10));
});

test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ["soon"], [new Date(Number.NaN)]])(
  "retryAfter %s is refused",
  (bad) => {
    expect(() => new RetryableError("busy", { retryAfter: bad as number })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  },
);

test("is() goes by the name, and a RetryableError is not fatal", () => {
  const error = new RetryableError("busy", { cause: "load" });
  expect([error.name, error.message, error.cause]).toEqual(["RetryableError", "busy", "load"]);
  expect([RetryableError.is(error), RetryableError.is({ name: "RetryableError" })]).toEqual([true, true]);
  expect([RetryableError.is(new Error("busy")), RetryableError.is(null), FatalError.is(error)]).toEqual([
    false,
    false,
    false,
  ]);
});
