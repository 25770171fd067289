import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createTestClock } from "./clock.ts";

describe("test clock", () => {
  test("timers run at their own time, in order, and in the order they were set when due together", () => {
    const clock = createTestClock(1000);
    const ran: [string, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.now()]);
    clock.schedule(1030, note("c"));
    clock.schedule(1010, note("a"));
    clock.schedule(1030, note("d"));
    clock.schedule(1010, () => clock.schedule(1020, note("b")));
    clock.schedule(1051, note("too late"));
    clock.advance(50);
    expect(ran).toEqual([
      ["a", 1010],
      ["b", 1020],
      ["c", 1030],
      ["d", 1030],
    ]);
    expect(clock.now()).toBe(1050);
  });

  test("a timer that was cancelled does not run, also when its time has come", async () => {
    const clock = createTestClock(1000);
    let ran = 0;
    clock.schedule(1010, () => (ran += 1))();
    clock.schedule(999, () => (ran += 1))();
    clock.advance(50);
    await Promise.resolve();
    expect(ran).toBe(0);
  });

  test("a timer for a time that has passed runs soon, once, and not within the call that sets it", async () => {
    const clock = createTestClock(1000);
    let ran = 0;
    clock.schedule(1000, () => (ran += 1));
    expect(ran).toBe(0);
    await Promise.resolve();
    clock.advance(10);
    expect(ran).toBe(1);
    expect(clock.now()).toBe(1010);
  });

  test("a clock that is set moves the time of day, and no time passes", () => {
    const clock = createTestClock(1000);
    const ran: [string, number][] = [];
    clock.schedule(2000, () => ran.push(["by day", clock.now()]));
    clock.delay(500, () => ran.push(["by delay", clock.elapsed()]));
    clock.jump(5000);
    expect([clock.now(), clock.elapsed()]).toEqual([6000, 1000]);
    clock.advance(1);
    expect(ran).toEqual([["by day", 6000]]);
    clock.jump(-5500);
    clock.advance(499);
    expect(ran).toEqual([
      ["by day", 6000],
      ["by delay", 1500],
    ]);
    expect(clock.now()).toBe(1000);
  });

  test("the clock never goes back", () => {
    const clock = createTestClock(1000);
    clock.advanceTo(900);
    expect(clock.now()).toBe(1000);
  });

  test("a settled advance lets what a timer started go on before the next timer", async () => {
    const clock = createTestClock(1000);
    const ran: string[] = [];
    const followUp = async (): Promise<void> => {
      await setImmediate();
      ran.push(`follow-up at ${clock.now()}`);
      clock.schedule(1015, () => ran.push("chained"));
    };
    clock.schedule(1010, () => void followUp());
    clock.schedule(1020, () => ran.push("second"));
    await clock.advanceSettled(20);
    expect(ran).toEqual(["follow-up at 1010", "chained", "second"]);
  });
});
