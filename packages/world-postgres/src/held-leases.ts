/**
 * The leases that workers of this World know of. When an answer is lost with its connection, the server may say that a
 * worker owns a run which that worker has never heard of, and nobody would ever work on it: such runs are given back
 * when the worker looks for work next.
 */
export interface HeldLeases {
  /** To be said before the server is asked. */
  take(worker: string, runId: string): void;
  has(worker: string, runId: string): boolean;
  /** The worker has not got it, or does not have it any more. */
  drop(worker: string, runId: string): void;
  /** Nobody knows what became of something that was asked for the worker. */
  doubt(worker: string): void;
  /** All that the worker knows of, where there is doubt; that is over then. */
  inDoubt(worker: string): readonly string[] | undefined;
  /** The worker has left, or begins anew. */
  clear(worker: string): void;
}

export function createHeldLeases(): HeldLeases {
  const held = new Map<string, Set<string>>();
  const doubted = new Set<string>();
  const of = (worker: string): Set<string> => {
    const runs = held.get(worker) ?? new Set();
    held.set(worker, runs);
    return runs;
  };
  return {
    take: (worker, runId) => void of(worker).add(runId),
    has: (worker, runId) => of(worker).has(runId),
    drop: (worker, runId) => void of(worker).delete(runId),
    doubt: (worker) => void doubted.add(worker),
    inDoubt: (worker) => (doubted.delete(worker) ? [...of(worker)] : undefined),
    clear(worker) {
      held.delete(worker);
      doubted.delete(worker);
    },
  };
}
