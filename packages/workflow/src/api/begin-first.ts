import { workerFor } from "../worker/registry.ts";
import type { World } from "../world/world.ts";

/** Tokens for which a call of this process is beginning a run. */
const beginning = new WeakMap<World, Map<string, Promise<unknown>>>();

/**
 * Calls `begin` if a worker is here and nobody seems to have the token. A run that begins before the World has decided
 * saves two durable writes if it is created, and is work for nothing if not. So other calls of this process for the
 * token wait until that is decided, also because their payloads come later. Undefined for them, and wherever `begin` was
 * not called.
 */
export async function beginFirst<T>(world: World, token: string, begin: () => Promise<T>): Promise<T | undefined> {
  if (workerFor(world)?.accepting !== true) return undefined;
  const tokens = beginning.get(world) ?? new Map<string, Promise<unknown>>();
  beginning.set(world, tokens);
  const before = tokens.get(token);
  if (before !== undefined) {
    await before.catch(() => undefined);
    return undefined;
  }
  const begun = isTaken(world, token).then((taken) => (taken ? undefined : begin()));
  tokens.set(token, begun);
  try {
    return await begun;
  } finally {
    tokens.delete(token);
  }
}

/** As far as can be seen: a run that has created no hook yet is not. */
async function isTaken(world: World, token: string): Promise<boolean> {
  return world.hooks.getByToken(token).then(
    () => true,
    () => false,
  );
}
