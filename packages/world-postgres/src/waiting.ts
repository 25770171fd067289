import type { RunReads } from "workflow/world";
import { watch } from "workflow/world-parts";
import type { Core } from "./core.ts";
import type { RunEnds } from "./run-end.ts";

const DEFAULT_WAIT_MS = 50_000;

/** Waits for the end of a run, in whichever process it ends. */
export function createWaiting(
  core: Core,
  runs: Pick<RunReads, "get"> & RunEnds,
): Pick<RunReads, "waitForTerminalStatus"> {
  return {
    waitForTerminalStatus: core.method(async (runId, options = {}) => {
      const { timeoutMs = DEFAULT_WAIT_MS, signal } = options;
      const closing = core.closing.signal;
      const signals = signal === undefined ? [closing] : [closing, signal];
      const isOver = (): Promise<boolean> => runs.hasEnded(runId);
      const listen = (listener: () => void): (() => void) => core.hints.onEnd(runId, listener);
      // Listening begins before reading, so that no end falls between the two.
      const watching = watch(core.clock, core.poll, { timeoutMs, signals, listen, isOver });
      const overBefore = isOver().then((over) => (over ? undefined : watching.over));
      try {
        // Whoever gives up or closes the World does not wait for the first answer.
        await Promise.race([watching.over, overBefore]);
        return await runs.get(runId, options);
      } finally {
        watching.stop();
      }
    }),
  };
}
