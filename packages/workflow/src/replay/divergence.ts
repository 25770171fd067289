import { ReplayDivergenceError } from "../world/errors.ts";
import type { StoredEvent } from "../world/events.ts";
import { eventIdOf } from "../world/ids.ts";
import type { Command } from "./boundary.ts";

/** What to tell an operator about a replay that left its history. `position` is where the found command stands. */
export function divergenceError(
  runId: string,
  event: StoredEvent,
  found: Command | undefined,
  position: string | undefined,
): ReplayDivergenceError {
  const asked = found === undefined ? "nothing more" : describeCommand(found);
  const where = position === undefined ? "" : ` at ${position}`;
  return new ReplayDivergenceError(
    eventIdOf(event.position),
    `Run ${runId} does not replay: at event ${event.position} its history has ${describeEvent(event)}, ` +
      `but the workflow code asks for ${asked}${where}. Workflow code must do the same on every replay: ` +
      "move whatever differs from run to run into a step",
  );
}

function describeEvent(event: StoredEvent): string {
  const name = event.type === "step_created" ? ` ${event.data.stepName}` : "";
  const id = event.correlationId === undefined ? "" : ` (${event.correlationId})`;
  return `${event.type}${name}${id}`;
}

function describeCommand(command: Command): string {
  switch (command.type) {
    case "step":
      return `step ${command.name} (${command.id})`;
    case "wait":
    case "hook":
    case "dispose":
      return `${command.type} (${command.id})`;
    case "abort":
      return `the abort of a controller (${command.id})`;
    case "attributes":
      return `attributes (${command.id})`;
    case "cancelled":
      return "the end of the cancelled run";
    case "continue":
      return "to continue as new";
    case "closeWait":
      return `the closing of a wait (${command.id})`;
    case "complete":
      return "the end of the run";
    case "fail":
      return "the failure of the run";
  }
}
