import type { StoredEvent } from "../world/events.ts";
import type { Command, Instance } from "./boundary.ts";
import { roleOf } from "./delivery.ts";

export type Replayed =
  /** The instance is where the history ends; `commands` are asked for and not yet in the history. */
  | { readonly status: "ready"; readonly commands: readonly Command[]; readonly delivered: number }
  /** The code does not do what the history says it did (invariant I7). */
  | { readonly status: "diverged"; readonly event: StoredEvent; readonly found: Command | undefined };

/**
 * Brings a fresh instance to the end of a history. Events go in one at a time; whatever the code asks for must
 * stand in the history, in the same order, before the next fact does.
 */
export function replay(instance: Instance, history: readonly StoredEvent[]): Replayed {
  const asked: Command[] = [];
  const outcomes: StoredEvent[] = [];
  let delivered = 0;
  const deliver = (event: StoredEvent): void => {
    delivered += 1;
    asked.push(...instance.enter(event, true));
  };

  for (const event of history) {
    if (outcomes.length > 0 && outcomes[0] !== undefined && event.turn > outcomes[0].turn) {
      for (const outcome of outcomes.splice(0)) deliver(outcome);
    }
    const role = roleOf(event);
    if (role === "silent") continue;
    if (role === "fact") {
      if (asked.length > 0) return { status: "diverged", event, found: asked[0] };
      deliver(event);
      continue;
    }
    const command = asked.shift();
    if (command === undefined || !matches(command, event)) return { status: "diverged", event, found: command };
    if (role === "outcome") outcomes.push(event);
  }
  for (const outcome of outcomes) deliver(outcome);
  return { status: "ready", commands: asked, delivered };
}

/** Whether the code asked for what the event says was asked for. */
function matches(command: Command, event: StoredEvent): boolean {
  switch (event.type) {
    case "step_created":
      return command.type === "step" && command.id === event.correlationId && command.name === event.data.stepName;
    case "wait_created":
      return command.type === "wait" && command.id === event.correlationId;
    case "hook_created":
    case "hook_conflict":
      return command.type === "hook" && command.id === event.correlationId && command.token === event.data.token;
    case "hook_disposed":
      return command.type === "dispose" && command.id === event.correlationId;
    case "wait_completed":
      return command.type === "closeWait" && command.id === event.correlationId;
    case "hook_received":
      return command.type === "abort" && command.id === event.correlationId;
    case "attr_set":
      return command.type === "attributes" && command.id === event.correlationId;
    case "run_cancelled":
      return command.type === "cancelled";
    case "run_completed":
      return command.type === "complete";
    case "run_failed":
      return command.type === "fail";
    default:
      return false;
  }
}
