import type { Clock } from "../world/clock.ts";
import type { Hints } from "./hints.ts";

/** How often a waiting reader looks for an end whose hint was lost, in milliseconds. */
const POLL_MS = 1_000;

export interface Wait {
  readonly runId: string;
  readonly timeoutMs: number;
  readonly signals: readonly AbortSignal[];
  /** Whether the run has ended, as far as the file says. */
  hasEnded(): boolean;
}

/** Listens from now on for the end of a run. */
export interface EndWatch {
  /** Resolves when the run has ended since, the time is over, or a signal aborts. */
  readonly over: Promise<void>;
  stop(): void;
}

/**
 * Ends come as hints, also those that other processes write; with `poll`, the file is looked at too, and the process
 * stays alive meanwhile.
 */
export function watchEnd(hints: Hints, clock: Clock, poll: boolean, wait: Wait): EndWatch {
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const finish = (): void => resolve();
  const look = (): void => {
    try {
      if (wait.hasEnded()) finish();
    } catch (error) {
      reject(error);
    }
  };
  const stopListening = hints.onEnd(wait.runId, finish);
  const stopTimer = clock.delay(wait.timeoutMs, finish);
  const poller = poll ? setInterval(look, POLL_MS) : undefined;
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
