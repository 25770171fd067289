import type { Batches, Write } from "./batches.ts";

/** Writes the outcomes of offered steps: facts of kind `facts`, each for a run. */
export type WriteOutcome = (runId: string, write: Write) => Promise<readonly unknown[]>;

interface Waiting {
  readonly write: Write;
  readonly resolve: (answer: readonly unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * All workers that have steps of a run wait for its row again and again, and so does its owner. So the outcomes that this
 * process has for one run go together, in one transaction after the other: it has one connection that waits, and not one
 * for each step.
 */
export function createOutcomes({ writeTogether }: Pick<Batches, "writeTogether">): WriteOutcome {
  const queues = new Map<string, Waiting[]>();

  const flush = async (runId: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        const answers = await writeTogether(batch.map(({ write }) => write));
        for (const [index, { resolve }] of batch.entries()) resolve(answers[index] ?? []);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(runId);
  };

  return (runId, write) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
    const waiting = { write, resolve, reject };
    const queue = queues.get(runId);
    if (queue !== undefined) queue.push(waiting);
    else {
      const begun = [waiting];
      queues.set(runId, begun);
      queueMicrotask(() => void flush(runId, begun));
    }
    return promise;
  };
}
