import type { World } from "../world/world.ts";
import type { Worker } from "./worker.ts";

const KEY = Symbol.for("workflow.workers");

/** The workers of this process, by the World they work for; also when bundlers duplicate this module. */
function workers(): Map<World, Worker> {
  const known = Reflect.get(globalThis, KEY) as Map<World, Worker> | undefined;
  if (known !== undefined) return known;
  const made = new Map<World, Worker>();
  Reflect.set(globalThis, KEY, made);
  return made;
}

export function registerWorker(world: World, worker: Worker): void {
  workers().set(world, worker);
}

export function unregisterWorker(world: World): void {
  workers().delete(world);
}

/** The worker of this process for a World. */
export function workerFor(world: World): Worker | undefined {
  return workers().get(world);
}
