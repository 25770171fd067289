import { expect, test } from "vitest";
import { isHeapTight, isTight } from "./heap.ts";

const MB = 1024 * 1024;

test("a heap is tight before it is full, whether its limit is large or small", () => {
  expect(isTight(2_000 * MB, 4_288 * MB)).toBe(false);
  expect(isTight(3_000 * MB, 4_288 * MB)).toBe(true);
  // --max-old-space-size=120: the limit counts 192 MB for young objects, and 120 MB of live ones end the process.
  expect(isTight(60 * MB, 312 * MB)).toBe(false);
  expect(isTight(100 * MB, 312 * MB)).toBe(true);
  expect(isTight(100 * MB, 168 * MB)).toBe(true);
});

test("the heap of this process is looked at", () => {
  expect(isHeapTight()).toBe(false);
});
