import type { Clock } from "../world/clock.ts";

/** How often a waiting reader looks for what it waits for, in case the hint was lost, in milliseconds. */
const POLL_MS = 1_000;

export interface Wait {
  readonly timeoutMs: number;
  readonly signals: readonly AbortSignal[];
  /** Has the listener called when a hint says that it is over. Returns what ends that. */
  listen(listener: () => void): () => void;
  /** Whether it is over, as far as what is stored says. */
  isOver(): boolean | Promise<boolean>;
}

/** Listens from now on. */
export interface Watch {
  /** Resolves when it is over since, the time is over, or a signal aborts. */
  readonly over: Promise<void>;
  stop(): void;
}

/**
 * Waits for something that is written to the file. It comes as a hint, also where another process writes it; with
 * `poll`, the file is looked at too, and the process stays alive meanwhile.
 */
export function watch(clock: Clock, poll: boolean, wait: Wait): Watch {
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const finish = (): void => resolve();
  const look = async (): Promise<void> => {
    try {
      if (await wait.isOver()) finish();
    } catch (error) {
      reject(error);
    }
  };
  const stopListening = wait.listen(finish);
  const stopTimer = clock.delay(wait.timeoutMs, finish);
  const poller = poll ? setInterval(() => void look(), POLL_MS) : undefined;
  for (const signal of wait.signals) {
    if (signal.aborted) finish();
    else signal.addEventListener("abort", finish);
  }
  return {
    over,
    stop() {
      stopListening();
      stopTimer();
      clearInterval(poller);
      for (const signal of wait.signals) signal.removeEventListener("abort", finish);
    },
  };
}
