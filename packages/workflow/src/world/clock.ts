/** Where the engine gets its time from. Tests replace it; nothing in the engine reads the time elsewhere. */
export interface Clock {
  /** Milliseconds since the epoch. People set such clocks: it may jump, both ways. */
  now(): number;
  /**
   * Milliseconds of a clock that nobody sets, from some start that all processes of the machine share. How long
   * something takes or may take is measured with it.
   */
  elapsed(): number;
  /** Calls `task` once {@link now} has reached `at`. Returns a function that cancels. */
  schedule(at: number, task: () => void): () => void;
  /** Calls `task` once `ms` milliseconds of {@link elapsed} have passed. Returns a function that cancels. */
  delay(ms: number, task: () => void): () => void;
}

/** The longest delay `setTimeout` takes; it fires at once beyond it. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The machine's clock. Its timers do not keep the process alive. A wait for a time of day is cut into hops of at most
 * {@link LONGEST_DELAY}, and the time is read again after each.
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    elapsed() {
      const [seconds, nanoseconds] = process.hrtime();
      return seconds * 1000 + nanoseconds / 1_000_000;
    },
    schedule(at, task) {
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const delay = Math.min(Math.max(at - Date.now(), 0), LONGEST_DELAY);
        timer = setTimeout(() => (Date.now() >= at ? task() : arm()), delay);
        timer.unref();
      };
      arm();
      return () => clearTimeout(timer);
    },
    delay(ms, task) {
      const timer = setTimeout(task, Math.min(Math.max(ms, 0), LONGEST_DELAY)).unref();
      return () => clearTimeout(timer);
    },
  };
}
