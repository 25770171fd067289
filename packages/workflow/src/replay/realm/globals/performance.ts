/** `performance` on the run's logical clock: it stands still between deliveries. */
import { currentRun } from "../context.ts";

export const performance: object = Object.freeze({
  now: (): number => {
    const run = currentRun();
    return run === undefined ? 0 : run.now - run.startedAt;
  },
  get timeOrigin(): number {
    return currentRun()?.startedAt ?? 0;
  },
});
