import type { World } from "workflow/world";
import { eventTypes } from "./scenario.ts";

/** Waits for an abort, as a careful step body does, and comes to its reason. */
function abortOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason));
  });
}

/** A step body that runs until its signal is aborted. */
export async function long(given: unknown): Promise<unknown> {
  const signal = given as AbortSignal;
  await abortOf(signal);
  return signal.throwIfAborted();
}

export async function reasonOf(given: unknown): Promise<unknown> {
  return await abortOf(given as AbortSignal);
}

export async function isAborted(given: unknown): Promise<boolean> {
  return (given as AbortSignal).aborted;
}

/** The types of a run's events about hooks, in order. */
export async function hookEvents(world: World, runId: string): Promise<string[]> {
  return (await eventTypes(world, runId)).filter((type) => type.startsWith("hook"));
}
