import type { Bridge } from "./bridge.ts";

const DEEPEST_CAUSE = 10;

/** Puts the user's files and lines into the stack of an error, and of what caused it. */
export function explainStacks(bridge: Bridge, thrown: unknown, depth = 0): void {
  if (!(thrown instanceof Error) || depth > DEEPEST_CAUSE) return;
  try {
    if (typeof thrown.stack === "string") thrown.stack = bridge.userStack(thrown.stack);
    explainStacks(bridge, thrown.cause, depth + 1);
  } catch {
    // A frozen error, or one with a getter that throws, keeps the stack it has.
  }
}
