import type { Bridge } from "./bridge.ts";
import type { RunContext } from "./context.ts";
import { emit } from "./emit.ts";

/** How many loop rounds and calls workflow code may make before it looks at the time again. */
const TANK = 100_000;

/**
 * Bundles count loop rounds and calls down and come here at zero, so that an endless loop can be stopped where it
 * is. A time limit of `vm` would do it too, at 0.1 ms for every event.
 */
export function refuel(run: RunContext, bridge: Bridge): number {
  if (bridge.isOverdue() === 0) return TANK;
  const error = new Error("This workflow ran for too long without waiting for anything");
  emit(run, { type: "stuck", stack: error.stack ?? "" });
  throw error;
}
