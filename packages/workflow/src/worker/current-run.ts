import { AsyncLocalStorage } from "node:async_hooks";

/** Whose workflow code is running, for what comes of it later on the host. */
const storage = new AsyncLocalStorage<string>();

/** Calls a function as part of a run. */
export type InRun = <T>(call: () => T) => T;

/** Made once per live run: entering a context again costs much less than making one. */
export function contextOf(runId: string): InRun {
  return storage.run(runId, () => AsyncLocalStorage.snapshot());
}

/** The run whose workflow code made the promise that is being reported; undefined elsewhere. */
export function currentRunId(): string | undefined {
  return storage.getStore();
}
