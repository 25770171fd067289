import { currentRunId } from "./current-run.ts";

/**
 * Promises that workflow code lets fail without a handler reach the process like any other. They belong to their
 * run, and must not end the server; everything else keeps the meaning it had. Returns what takes the guard away.
 */
export function guardUnhandledRejections(
  isWorkflowPromise: (promise: unknown) => boolean,
  onWorkflowRejection: (promise: unknown, reason: unknown, runId: string | undefined) => void,
): () => void {
  const listener = (reason: unknown, promise: Promise<unknown>): void => {
    if (isWorkflowPromise(promise)) return onWorkflowRejection(promise, reason, currentRunId());
    // With a listener in place Node does nothing of its own accord; alone, this one has to do what Node would.
    if (process.listenerCount("unhandledRejection") === 1) throw reason;
  };
  process.on("unhandledRejection", listener);
  return () => process.off("unhandledRejection", listener);
}
