import { expect, test } from "vitest";
import { idempotencyKeyOf, requestIdOf } from "./request-keys.ts";

test("a key that is too long for a World is told from others like it", () => {
  const [one, other] = ["a", "b"].map((end) => idempotencyKeyOf(new Headers({ "webhook-id": "k".repeat(255) + end })));
  expect(one).toMatch(/^sha256:[\da-f]{64}$/);
  expect(other).not.toBe(one);
  expect(idempotencyKeyOf(new Headers({ "webhook-id": "k".repeat(255) }))).toBe("k".repeat(255));
});

test("requests have the same id when token and key are the same, and only then", () => {
  expect(requestIdOf("t", "k")).toMatch(/^req_[\da-f]{32}$/);
  expect(requestIdOf("t", "k")).toBe(requestIdOf("t", "k"));
  const pairs = [
    ["t", "k"],
    ["t", "l"],
    ["u", "k"],
    ["t:k", ""],
    ["t", ":k"],
    ["t", undefined],
    ["t", undefined],
  ] as const;
  expect(new Set(pairs.map(([token, key]) => requestIdOf(token, key))).size).toBe(pairs.length);
});
