import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

/** Looks again and again until there is an answer. @throws when there is none after ten seconds. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${PATIENCE_MS} ms in vain until ${what}`);
    await delay(PAUSE_MS);
  }
}
