import { expect, test } from "vitest";
import { judgeInterruption } from "./interruption.ts";
import { createSlots } from "./slots.ts";

test("an interrupted step has its attempts, the last of them alone, and then no more", () => {
  expect([1, 2, 3, 4, 5].map((attempt) => judgeInterruption(attempt, { maxRetries: 3, isOnce: false }))).toEqual([
    "again",
    "again",
    "last",
    "exhausted",
    "exhausted",
  ]);
  expect(judgeInterruption(1, { maxRetries: 0, isOnce: false })).toBe("exhausted");
});

test("no more bodies run than there are places", () => {
  const slots = createSlots(2);
  expect([slots.take("fresh"), slots.take("again"), slots.take("fresh")]).toEqual([true, true, false]);
  slots.wait("run", "fresh");
  expect(slots.nextWaiting()).toBeUndefined();
  slots.free("again");
  expect(slots.nextWaiting()).toBe("run");
  expect(slots.nextWaiting()).toBeUndefined();
  expect(slots.inUse).toBe(1);
});

test("a last attempt and any other interrupted step keep clear of each other; fresh steps do not mind", () => {
  const slots = createSlots(10);
  expect(slots.take("again")).toBe(true);
  expect(slots.take("again")).toBe(true);
  expect(slots.take("last")).toBe(false);
  slots.free("again");
  slots.free("again");
  expect(slots.take("last")).toBe(true);
  expect([slots.take("again"), slots.take("last"), slots.take("fresh")]).toEqual([false, false, true]);
});

test("a run that waits for quiet does not hold up those that do not", () => {
  const slots = createSlots(10);
  slots.take("last");
  slots.wait("again", "again");
  slots.wait("last", "last");
  slots.wait("fresh", "fresh");
  expect(slots.nextWaiting()).toBe("fresh");
  expect(slots.nextWaiting()).toBeUndefined();
  slots.free("last");
  expect(slots.nextWaiting()).toBe("again");
  slots.take("again");
  expect(slots.nextWaiting()).toBeUndefined();
  slots.free("again");
  expect(slots.nextWaiting()).toBe("last");
});
