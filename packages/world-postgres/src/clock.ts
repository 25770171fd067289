import type { Clock } from "workflow/world";

/** One look at the database's time. */
export interface TimeSample {
  /** By {@link monotonic}, in the middle of the round trip. */
  readonly at: number;
  /** What the database said, in milliseconds since the epoch. */
  readonly time: number;
  /** How far off that may be: half the round trip, in milliseconds. */
  readonly within: number;
}

/** A clock that goes by the database's time: all processes that use it agree, whatever their machines say. */
export interface DatabaseClock extends Clock {
  /** Corrects it by another look. */
  sync(sample: TimeSample): void;
}

/** How much {@link Clock.elapsed} may be quickened or slowed down to follow the database: half a millisecond a second. */
const SLEW = 0.0005;

/** Time is read again after as long, because somebody may have set the database's clock meanwhile. */
const LONGEST_HOP_MS = 60_000;

const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Milliseconds of a clock that nobody sets. The same in all threads of the process. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}

/** What was said in a round trip that began and ended at these times. */
export function sampleOf(time: number, sentAt: number, receivedAt: number): TimeSample {
  return { at: (sentAt + receivedAt) / 2, time, within: (receivedAt - sentAt) / 2 };
}

/**
 * `now` is the database's time as of the last look that knew better, and jumps when that is set. `elapsed` starts with it
 * and never jumps: it is the same for all processes as long as nobody sets the database's clock, and where their machines'
 * crystals differ it is drawn along slowly.
 */
export function createDatabaseClock(first: TimeSample): DatabaseClock {
  let offset = first.time - first.at;
  let elapsed: Slewed = { from: first.at, value: first.time, lag: 0 };

  const now = (): number => Math.floor(monotonic() + offset);

  return {
    now,
    elapsed: () => valueAt(elapsed, monotonic()),
    sync({ at, time, within }) {
      const measured = time - at;
      // A look that does not contradict what is known would only make time tremble.
      if (Math.abs(measured - offset) > within) offset = measured;
      const from = monotonic();
      const value = valueAt(elapsed, from);
      elapsed = { from, value, lag: from + offset - value };
    },
    schedule(at, task) {
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const hop = Math.min(Math.max(at - now(), 0), LONGEST_HOP_MS);
        timer = setTimeout(() => (now() >= at ? task() : arm()), hop).unref();
      };
      arm();
      return () => clearTimeout(timer);
    },
    delay(ms, task) {
      const timer = setTimeout(task, Math.min(Math.max(ms, 0), LONGEST_DELAY_MS)).unref();
      return () => clearTimeout(timer);
    },
  };
}

/** A time that is `lag` behind where it should be (or before it), and makes that up slowly. */
interface Slewed {
  readonly from: number;
  readonly value: number;
  readonly lag: number;
}

function valueAt({ from, value, lag }: Slewed, at: number): number {
  const passed = Math.max(at - from, 0);
  return value + passed + Math.sign(lag) * Math.min(Math.abs(lag), SLEW * passed);
}
