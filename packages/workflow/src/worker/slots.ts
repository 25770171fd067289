/** Places for step bodies, and the runs that wait for one. */
export interface Slots {
  readonly inUse: number;
  take(): boolean;
  free(): void;
  /** Remembers a run that has steps to start and no place for them. */
  wait(runId: string): void;
  /** The run that waited longest, if there is a place now; it waits no more. */
  nextWaiting(): string | undefined;
}

export function createSlots(limit: number): Slots {
  const waiting = new Set<string>();
  let inUse = 0;
  return {
    get inUse() {
      return inUse;
    },
    take() {
      if (inUse >= limit) return false;
      inUse += 1;
      return true;
    },
    free() {
      inUse -= 1;
    },
    wait(runId) {
      waiting.add(runId);
    },
    nextWaiting() {
      const [first] = waiting;
      if (first === undefined || inUse >= limit) return undefined;
      waiting.delete(first);
      return first;
    },
  };
}
