/** Where the engine gets its time from. Tests replace it; nothing in the engine reads the time elsewhere. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `task` once the clock has reached `at` (milliseconds since the epoch). Returns a function that cancels. */
  schedule(at: number, task: () => void): () => void;
}

/** The longest delay `setTimeout` takes; it fires at once beyond it. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The machine's clock. Its timers do not keep the process alive. A delay is cut into hops of at most
 * {@link LONGEST_DELAY}, and the time is read again after each.
 */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
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
  };
}
