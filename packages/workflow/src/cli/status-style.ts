import type { HeldPayload, RunStatus, StepStatus } from "../world/entities.ts";
import type { Style } from "./terminal.ts";

type Status = RunStatus | StepStatus | HeldPayload["status"];

const STYLES: Readonly<Record<Status, Style>> = {
  pending: "yellow",
  running: "cyan",
  completed: "green",
  failed: "red",
  cancelled: "gray",
  held: "yellow",
  dropped: "red",
};

export function statusStyle(status: Status): Style {
  return STYLES[status];
}
