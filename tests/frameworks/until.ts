import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Looks again and again until there is an answer; a look that throws has found none.
 * @throws when there is none within a minute, with what the last look threw.
 */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const { found, cause } = await attempt(look);
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Waited a minute in vain: ${what}`, { cause });
    await delay(PAUSE_MS);
  }
}

async function attempt<T>(look: () => Promise<T | undefined>): Promise<{ found?: T | undefined; cause?: unknown }> {
  try {
    return { found: await look() };
  } catch (cause) {
    return { cause };
  }
}
