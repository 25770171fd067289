import type { EventType, NewEvent } from "../world/events.ts";

/** How an event of a history meets workflow code. */
export type Role =
  /** Delivered; decides how the code goes on. */
  | "fact"
  /** Matches a command of the code. */
  | "command"
  /** Matches a command, and is delivered as its outcome once its turn is committed. */
  | "outcome"
  /** Bookkeeping that the code cannot notice. */
  | "silent";

export const ROLE: { readonly [T in EventType]: Role } = {
  run_created: "fact",
  run_started: "fact",
  run_completed: "command",
  run_failed: "command",
  run_cancelled: "silent",
  cancel_requested: "fact",
  attr_set: "command",
  step_created: "command",
  step_started: "silent",
  step_retrying: "silent",
  step_completed: "fact",
  step_failed: "fact",
  hook_created: "outcome",
  hook_conflict: "outcome",
  hook_received: "fact",
  hook_disposed: "command",
  wait_created: "command",
  wait_completed: "fact",
};

/**
 * A hook that expires, and a wait that is over, happen to the code; disposing and closing them is what it asks for. So
 * is what it writes itself; and the end of a cancellation that it was told of is its own.
 */
export function roleOf(event: NewEvent): Role {
  if (event.type === "hook_received" && event.data.own) return "command";
  if (event.type === "attr_set" && event.data.writer.type === "step") return "silent";
  if (event.type === "run_cancelled" && event.data.cleanedUp) return "command";
  if (event.type === "hook_disposed" && event.data.expired) return "fact";
  if (event.type === "wait_completed" && event.data.closed) return "command";
  return ROLE[event.type];
}
