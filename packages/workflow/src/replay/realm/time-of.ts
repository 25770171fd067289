import { parseDuration } from "../../world/duration.ts";
import { WorkflowError } from "../../world/errors.ts";

/**
 * The time that a duration ends when it begins now, or a date, in milliseconds since the epoch. `what` says who asks.
 * @throws `WorkflowError` `INVALID_ARGUMENT`
 */
export function timeOf(given: unknown, now: number, what: string): number {
  const duration = typeof given === "string" ? parseDuration(given) : given;
  const at = typeof duration === "number" ? now + duration : given instanceof Date ? given.getTime() : Number.NaN;
  if (Number.isFinite(at)) return Math.ceil(at);
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `${what} takes a duration like "10s", a number of milliseconds or a Date, not ${String(given)}`,
  );
}
