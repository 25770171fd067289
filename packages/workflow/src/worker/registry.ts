import { processWide } from "../world/process-wide.ts";
import type { World } from "../world/world.ts";
import type { Worker } from "./worker.ts";

const slot = processWide<Map<World, Worker>>("workflow.workers");

/** The workers of this process, by the World they work for. */
function workers(): Map<World, Worker> {
  return slot.get() ?? slot.set(new Map<World, Worker>());
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
