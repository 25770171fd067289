import { describe, expect, test } from "vitest";
import { settingsFrom, type WithOptions } from "./step-options.ts";

const read = (fn: WithOptions) => settingsFrom("step//./shop//charge", fn);

describe("what the options of a step function come to", () => {
  test("none are no settings", () => {
    expect(read({})).toBeUndefined();
    expect(read({ maxRetries: undefined, timeout: undefined })).toBeUndefined();
  });

  test("durations are whole milliseconds, whichever way they were given", () => {
    expect(read({ timeout: "30s" })).toEqual({ timeout: 30_000 });
    expect(read({ timeout: 0.5 })).toEqual({ timeout: 1 });
    expect(read({ backoff: { initial: "1s", factor: 1.5, max: 5_000 } })).toEqual({
      backoff: { initial: 1_000, factor: 1.5, max: 5_000 },
    });
  });

  test.each([
    [{}, { initial: 100, factor: 2, max: 60_000 }],
    [{ initial: "2m" }, { initial: 120_000, factor: 2, max: 120_000 }],
    [{ max: 50 }, { initial: 50, factor: 2, max: 50 }],
    [{ initial: 0 }, { initial: 0, factor: 2, max: 60_000 }],
  ])("a backoff of %j has defaults that fit", (backoff, expected) => {
    expect(read({ backoff })).toEqual({ backoff: expected });
  });

  test("an infinity of retries can be stored", () => {
    const settings = read({ maxRetries: Infinity });
    expect(JSON.parse(JSON.stringify(settings))).toEqual({ maxRetries: Number.MAX_SAFE_INTEGER });
  });

  test("at most once, and nothing where it may run again", () => {
    expect(read({ idempotent: false, maxRetries: 0 })).toEqual({ idempotent: false, maxRetries: 0 });
    expect(read({ idempotent: true })).toEqual({});
  });
});

test.each<[string, WithOptions]>([
  ["maxRetries", { maxRetries: -1 }],
  ["maxRetries", { maxRetries: 1.5 }],
  ["maxRetries", { maxRetries: "3" }],
  ["maxRetries", { maxRetries: Number.NaN }],
  ["maxRetries", { maxRetries: 1, idempotent: false }],
  ["timeout", { timeout: 0 }],
  ["timeout", { timeout: "-1s" }],
  ["timeout", { timeout: "soon" }],
  ["timeout", { timeout: Infinity }],
  ["timeout", { timeout: new Date() }],
  ["backoff", { backoff: "1s" }],
  ["backoff", { backoff: null }],
  ["backoff.initial", { backoff: { initial: "later" } }],
  ["backoff.initial", { backoff: { initial: -1 } }],
  ["backoff.initial", { backoff: { initial: "2s", max: "1s" } }],
  ["backoff.factor", { backoff: { factor: 0.9 } }],
  ["backoff.factor", { backoff: { factor: Infinity } }],
  ["backoff.factor", { backoff: { factor: "2" } }],
  ["backoff.max", { backoff: { max: Symbol("max") } }],
  ["idempotent", { idempotent: "no" }],
])("%s is refused by name, with its step: %o", (property, fn) => {
  expect(() => read(fn)).toThrow(`The ${property} of step step//./shop//charge is `);
  expect(() => read(fn)).toThrow("(INVALID_ARGUMENT)");
});
