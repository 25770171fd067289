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

/** A hook that expires, and a wait that is over, happen to the code; disposing and closing them is what it asks for. */
export function roleOf(event: NewEvent): Role {
  if (event.type === "hook_disposed" && event.data.expired) return "fact";
  if (event.type === "wait_completed" && event.data.closed) return "command";
  return ROLE[event.type];
}
