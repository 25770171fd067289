import { setTimeout as delay } from "node:timers/promises";

/** An app may wait at its top level for ever; nobody waits longer than this for it. */
const PATIENCE_MS = 2_000;

export interface MainModule {
  /** Is told the URL once Node has begun to load the app. */
  seen(url: string): void;
  /** Resolves when the app's modules have been evaluated, at the latest after two seconds. Never rejects. */
  evaluated(): Promise<void>;
}

/**
 * The module that the process was started with. Modules must not be imported behind the app's back before it had the
 * time to set up what they rely on.
 */
export function createMainModule(): MainModule {
  const { promise: url, resolve: seen } = Promise.withResolvers<string>();
  let outcome: Promise<void> | undefined;
  return {
    seen,
    evaluated: () => (outcome ??= within(PATIENCE_MS, url.then(load))),
  };
}

/** Importing a module that is being loaded waits for it. How it fails is Node's to report. */
async function load(url: string): Promise<void> {
  await import(url).catch(() => undefined);
}

async function within(limitMs: number, task: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const expired = delay(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([task, expired]);
  limit.abort();
}
