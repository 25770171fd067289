import { setTimeout as delay } from "node:timers/promises";
import { WorkflowWorldError } from "workflow/errors";

const PAUSE_MS = 20;

/** A server that fails may work the next time, and then it is known whether it did what it was asked for. */
export function mayPass(error: unknown): boolean {
  return WorkflowWorldError.is(error) && error.code === "WORLD_FAILED";
}

/** Asks again while the World fails. What is asked for must be safe to say twice. */
export async function insist<T>(task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!mayPass(error)) throw error;
      await delay(PAUSE_MS);
    }
  }
}
