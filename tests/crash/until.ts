import { setTimeout as delay } from "node:timers/promises";

/** Less than the time after which a silent worker is given up, so that nobody passes by waiting for that. */
const PATIENCE_MS = 8_000;
const PAUSE_MS = 5;

/** Looks again and again until there is an answer. @throws when there is none in time. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms in vain: ${what}`);
    await delay(PAUSE_MS);
  }
}
