import type { Payload } from "../world/events.ts";
import { isEnded } from "../world/reduce.ts";
import type { World } from "../world/world.ts";
import type { SystemHook } from "./host-signals.ts";
import { mayPass } from "./patience.ts";

/** How long one question to the World waits for its answer, and how long after one that failed, in milliseconds. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;
const PAUSE_MS = 1_000;

/** Waits for the abort of one hook, for all in this process who want to know. */
interface Ear {
  readonly listeners: Set<(reason: Payload) => void>;
  readonly stop: AbortController;
}

const ears = new WeakMap<World, Map<string, Ear>>();

/**
 * Tells when the hook gets the reason of an abort, whoever gives it, unless the run ends before.
 * @returns what ends that
 */
export function hearAbort(world: World, hook: SystemHook, onAbort: (reason: Payload) => void): () => void {
  const known = ears.get(world) ?? new Map<string, Ear>();
  ears.set(world, known);
  const key = `${hook.runId} ${hook.hookId}`;
  const ear = known.get(key) ?? { listeners: new Set(), stop: new AbortController() };
  const listener = (reason: Payload): void => onAbort(reason);
  ear.listeners.add(listener);
  const remove = (): void => {
    if (known.get(key) === ear) known.delete(key);
  };
  if (known.get(key) === undefined) {
    known.set(key, ear);
    void listen(world, hook, ear).finally(remove);
  }
  return () => {
    ear.listeners.delete(listener);
    if (ear.listeners.size > 0) return;
    remove();
    ear.stop.abort();
  };
}

async function listen(world: World, hook: SystemHook, { listeners, stop }: Ear): Promise<void> {
  const { signal } = stop;
  while (!signal.aborted) {
    try {
      const reason = await world.hooks.firstPayload(hook, { timeoutMs: PATIENCE_MS, signal });
      if (signal.aborted) return;
      if (reason !== null) return [...listeners].forEach((tell) => tell(reason));
      if (isEnded(await world.runs.get(hook.runId, { resolveData: "none" }))) return;
    } catch (error) {
      if (!mayPass(error)) return;
      await new Promise<void>((resolve) => world.clock.delay(PAUSE_MS, resolve));
    }
  }
}

/** The abort that the hook has got already, if any. */
export async function pastAbort(world: World, hook: SystemHook): Promise<Payload | null> {
  try {
    return await world.hooks.firstPayload(hook, { timeoutMs: 0, signal: AbortSignal.abort() });
  } catch {
    // Whoever listens asks again.
    return null;
  }
}
