import { AsyncLocalStorage } from "node:async_hooks";

/** Per worker module: whose workflow code is running, for what comes of it later on the host. */
const storage = new AsyncLocalStorage<string>();

/** Runs `enter`, which enters workflow code of the run. */
export function withRun<T>(runId: string, enter: () => T): T {
  return storage.run(runId, enter);
}

/** The run whose workflow code made the promise that is being reported; undefined elsewhere. */
export function currentRunId(): string | undefined {
  return storage.getStore();
}
