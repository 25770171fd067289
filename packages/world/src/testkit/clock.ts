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
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** 2026-01-01T00:00:00Z */
const START = Date.UTC(2026, 0, 1);

/**
 * Timers of one time run in the order in which they were set. A timer set for a time that has passed runs in the
 * next microtask, as the machine's clock would run it soon rather than at once.
 */
export function createTestClock(startAt: number = START): TestClock {
  let now = startAt;
  const timers = new Set<Timer>();

  const take = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    }
    if (next !== undefined) timers.delete(next);
    return next;
  };
  const run = (timer: Timer): void => {
    now = Math.max(now, timer.at);
    timer.task();
  };
  const advanceTo = (at: number): void => {
    for (let timer = take(at); timer !== undefined; timer = take(at)) run(timer);
    now = Math.max(now, at);
  };

  return {
    now: () => now,
    schedule(at, task) {
      const timer: Timer = { at, task };
      timers.add(timer);
      if (at <= now) {
        queueMicrotask(() => {
          if (timers.delete(timer)) timer.task();
        });
      }
      return () => void timers.delete(timer);
    },
    advanceTo,
    advance: (ms) => advanceTo(now + ms),
    async advanceSettled(ms) {
      const at = now + ms;
      await settle();
      for (let timer = take(at); timer !== undefined; timer = take(at)) {
        run(timer);
        await settle();
      }
      advanceTo(at);
    },
  };
}

/** Two passes of the event loop: one for what is ready, one for what that made ready. */
async function settle(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
