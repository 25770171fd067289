import { expect, test } from "vitest";
import { exactTime, relativeTime } from "./relative-time.ts";

const NOW = Date.UTC(2026, 0, 2, 12);

test.each([
  [0, "0ms ago"],
  [-59_000, "59s ago"],
  [-3 * 60_000, "3m ago"],
  [-7_200_000, "2h ago"],
  [-3 * 86_400_000, "3d ago"],
  [90_000, "in 2m"],
])("%d ms from now is %s", (distance, text) => {
  expect(relativeTime(new Date(NOW + distance), NOW)).toBe(text);
});

test("no time is no text", () => {
  expect(relativeTime(undefined, NOW)).toBe("");
  expect(exactTime(undefined, NOW)).toBeUndefined();
});

test("the exact time stands first", () => {
  expect(exactTime(new Date(NOW - 1000), NOW)).toBe("2026-01-02T11:59:59.000Z (1s ago)");
});
