import { setImmediate } from "node:timers/promises";
import type { Clock } from "workflow/world";

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Moves on by `ms`, running every timer that comes due on the way, each at its own time. */
  advance(ms: number): void;
  /** Moves on to `at` (milliseconds since the epoch). A time that has passed already runs what is due and no more. */
  advanceTo(at: number): void;
  /** Like `advance`; between one timer and the next, lets promises and I/O that are ready go on. */
  advanceSettled(ms: number): Promise<void>;
  /**
   * Somebody sets the clock: the time of day jumps by `ms` (either way) without any time passing. Timers for a time
   * of day that is reached by it run with the next advance.
   */
  jump(ms: number): void;
}

interface Timer {
  /** In the time that passes, or by the time of day. */
  readonly at: number;
  readonly by: "elapsed" | "now";
  readonly task: () => void;
}

/** 2026-01-01T00:00:00Z */
const START = Date.UTC(2026, 0, 1);

/**
 * Timers of one time run in the order in which they were set. A timer set for a time that has passed runs in the
 * next microtask, as the machine's clock would run it soon rather than at once.
 */
export function createTestClock(startAt: number = START): TestClock {
  let elapsed = startAt;
  /** The time of day less the time that has passed. */
  let offset = 0;
  const timers = new Set<Timer>();
  const dueAt = ({ at, by }: Timer): number => (by === "elapsed" ? at : at - offset);

  const take = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (dueAt(timer) <= until && (next === undefined || dueAt(timer) < dueAt(next))) next = timer;
    }
    if (next !== undefined) timers.delete(next);
    return next;
  };
  const run = (timer: Timer): void => {
    elapsed = Math.max(elapsed, dueAt(timer));
    timer.task();
  };
  const pass = (until: number): void => {
    for (let timer = take(until); timer !== undefined; timer = take(until)) run(timer);
    elapsed = Math.max(elapsed, until);
  };
  const add = (timer: Timer): (() => void) => {
    timers.add(timer);
    if (dueAt(timer) <= elapsed) {
      queueMicrotask(() => {
        if (timers.delete(timer)) timer.task();
      });
    }
    return () => void timers.delete(timer);
  };

  return {
    now: () => elapsed + offset,
    elapsed: () => elapsed,
    schedule: (at, task) => add({ at, by: "now", task }),
    delay: (ms, task) => add({ at: elapsed + ms, by: "elapsed", task }),
    advanceTo: (at) => pass(at - offset),
    advance: (ms) => pass(elapsed + ms),
    async advanceSettled(ms) {
      const until = elapsed + ms;
      await settle();
      for (let timer = take(until); timer !== undefined; timer = take(until)) {
        run(timer);
        await settle();
      }
      pass(until);
    },
    jump(ms) {
      offset += ms;
    },
  };
}

/** Two passes of the event loop: one for what is ready, one for what that made ready. */
async function settle(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
