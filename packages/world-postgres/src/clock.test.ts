import { afterEach, expect, test, vi } from "vitest";
import { createDatabaseClock, monotonic, sampleOf } from "./clock.ts";
import { databaseTime } from "./database-time.ts";
import { poolFor } from "./fixtures/server.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Has the clock that nobody sets stand at the time that it returns a setter of. */
function fakeMonotonic(start: number): (ms: number) => void {
  let at = start;
  vi.spyOn(process, "hrtime").mockImplementation((() => {
    const seconds = Math.floor(at / 1000);
    return [seconds, (at - seconds * 1000) * 1_000_000];
  }) as unknown as typeof process.hrtime);
  return (ms) => (at = ms);
}

test("a process whose clock is off by a minute sees the database's time", async () => {
  vi.spyOn(Date, "now").mockImplementation(() => 1_000_000);
  const database = poolFor();
  const clock = createDatabaseClock(await databaseTime(database));
  const { time } = await databaseTime(database);
  expect(Math.abs(clock.now() - time)).toBeLessThan(50);
  expect(Math.abs(clock.elapsed() - time)).toBeLessThan(50);
});

test("a sample is of the middle of its round trip", () => {
  const clock = createDatabaseClock(sampleOf(1_000_000, monotonic() - 100, monotonic() + 100));
  expect(clock.now() - 1_000_000).toBeLessThan(50);
  expect(clock.now()).toBeGreaterThanOrEqual(1_000_000);
});

test("the time of day follows the database, and a look that is less exact than what is known changes nothing", () => {
  fakeMonotonic(500);
  const clock = createDatabaseClock({ at: 500, time: 9_000, within: 1 });
  clock.sync({ at: 500, time: 9_040, within: 50 });
  expect(clock.now()).toBe(9_000);
  clock.sync({ at: 500, time: 69_000, within: 1 });
  expect(clock.now()).toBe(69_000);
  clock.sync({ at: 500, time: 2_000, within: 1 });
  expect(clock.now()).toBe(2_000);
});

test("elapsed time neither jumps nor turns back when the database's clock is set, and follows slowly", () => {
  const go = fakeMonotonic(0);
  const clock = createDatabaseClock({ at: 0, time: 1_000, within: 0 });
  clock.sync({ at: 0, time: 3_601_000, within: 0 });
  expect(clock.elapsed()).toBe(1_000);
  go(10_000);
  expect(clock.elapsed()).toBe(11_005);
  clock.sync({ at: 10_000, time: 11_000, within: 0 });
  expect(clock.elapsed()).toBe(11_005);
  go(11_000);
  expect(clock.elapsed()).toBeCloseTo(12_004.5, 6);
  // Caught up with, and not beyond.
  go(1_000_000);
  expect(clock.elapsed()).toBeCloseTo(1_001_000, 6);
});

test("two machines whose crystals differ agree about elapsed time as long as they look at the database", () => {
  const go = fakeMonotonic(0);
  const clock = createDatabaseClock({ at: 0, time: 0, within: 0 });
  for (let at = 0; at <= 100 * 86_400_000; at += 3_600_000) {
    go(at);
    clock.sync({ at, time: at * 1.0001, within: 0 });
  }
  expect(Math.abs(clock.elapsed() - clock.now())).toBeLessThan(400);
});

test("a wait for a time of day ends by the database's time, also when that is set meanwhile", () => {
  vi.useFakeTimers();
  const go = fakeMonotonic(0);
  const clock = createDatabaseClock({ at: 0, time: 1_000_000, within: 0 });
  const [due, early, cancelled] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
  clock.schedule(1_000_000 + 3_600_000, due);
  clock.schedule(1_000_000 + 100, early);
  clock.schedule(1_000_000, cancelled)();
  go(99);
  vi.advanceTimersByTime(100);
  expect(early).not.toHaveBeenCalled();
  go(100);
  vi.advanceTimersByTime(1);
  expect(early).toHaveBeenCalledOnce();
  clock.sync({ at: 100, time: 1_000_000 + 3_600_000, within: 0 });
  vi.advanceTimersByTime(60_000);
  expect([due.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 0]);
});

test("a delay can be cancelled and keeps no process alive", () => {
  vi.useFakeTimers();
  fakeMonotonic(0);
  const clock = createDatabaseClock({ at: 0, time: 0, within: 0 });
  const [done, cancelled] = [vi.fn<() => void>(), vi.fn<() => void>()];
  clock.delay(1_000, done);
  clock.delay(1_000, cancelled)();
  vi.advanceTimersByTime(1_000);
  expect([done.mock.calls.length, cancelled.mock.calls.length]).toEqual([1, 0]);
});
