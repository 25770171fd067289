import type { Clock } from "../world/clock.ts";
import type { Hints } from "./hints.ts";

/** How often a waiting reader looks for an end that another process has written, in milliseconds. */
const POLL_MS = 250;

export interface Wait {
  readonly runId: string;
  readonly timeoutMs: number;
  readonly signals: readonly AbortSignal[];
  /** Whether the run has ended, as far as the file says. */
  hasEnded(): boolean;
}

/**
 * Resolves when the run has ended, the time is over, or a signal aborts. Ends written by this process come as
 * hints; with `poll`, the file is looked at for those of other processes, and the process stays alive meanwhile.
 */
export function untilEnded(hints: Hints, clock: Clock, poll: boolean, wait: Wait): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const interrupted = AbortSignal.any([...wait.signals]);
  const finish = (): void => resolve();
  const look = (): void => {
    try {
      if (interrupted.aborted || wait.hasEnded()) finish();
    } catch (error) {
      reject(error);
    }
  };
  const stopListening = hints.on((hint) => hint.kind === "ended" && hint.runId === wait.runId && finish());
  const stopTimer = clock.delay(wait.timeoutMs, finish);
  const poller = poll ? setInterval(look, POLL_MS) : undefined;
  interrupted.addEventListener("abort", finish);
  look();
  return promise.finally(() => {
    stopListening();
    stopTimer();
    clearInterval(poller);
    interrupted.removeEventListener("abort", finish);
  });
}
