import type { Start } from "./interruption.ts";

/**
 * Places for step bodies, and the runs that wait for one.
 *
 * A step that kills its process takes its neighbours with it, and each death costs them an attempt too. So that they
 * do not run out of attempts for what another one did, an interrupted step has its last attempt while no other
 * interrupted step runs: if the process dies once more, the culprit is known.
 */
export interface Slots {
  readonly inUse: number;
  take(start: Start): boolean;
  free(start: Start): void;
  /** Remembers a run that has steps to start and no place for them. */
  wait(runId: string, start: Start): void;
  /** The run that waited longest of those whose step could start now; it waits no more. */
  nextWaiting(): string | undefined;
}

export function createSlots(limit: number): Slots {
  const waiting = new Map<string, Start>();
  const running = { fresh: 0, again: 0, last: 0 };
  const inUse = (): number => running.fresh + running.again + running.last;
  const isFree = (start: Start): boolean => {
    if (inUse() >= limit) return false;
    if (start === "again") return running.last === 0;
    return start === "fresh" || running.again + running.last === 0;
  };
  return {
    get inUse() {
      return inUse();
    },
    take(start) {
      if (!isFree(start)) return false;
      running[start] += 1;
      return true;
    },
    free(start) {
      running[start] -= 1;
    },
    wait(runId, start) {
      waiting.set(runId, start);
    },
    nextWaiting() {
      if (inUse() >= limit) return undefined;
      for (const [runId, start] of waiting) {
        if (!isFree(start)) continue;
        waiting.delete(runId);
        return runId;
      }
      return undefined;
    },
  };
}
