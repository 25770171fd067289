import type { RunStatus, StepStatus } from "../world/entities.ts";
import type { Style } from "./terminal.ts";

const STYLES: Readonly<Record<RunStatus | StepStatus, Style>> = {
  pending: "yellow",
  running: "cyan",
  completed: "green",
  failed: "red",
  cancelled: "gray",
};

export function statusStyle(status: RunStatus | StepStatus): Style {
  return STYLES[status];
}
