import ms, { type StringValue } from "ms";
import { WorkflowError } from "./errors.ts";

export type { StringValue };

/**
 * Milliseconds in a text such as `10s`, `5m` or `1.5 days`. A number without a unit is milliseconds. May be
 * negative.
 * @throws `WorkflowError` `INVALID_ARGUMENT` when the text is not a duration.
 */
export function parseDuration(text: string): number {
  const duration = text === "" ? undefined : (ms(text as StringValue) as number | undefined);
  if (duration !== undefined && Number.isFinite(duration)) return duration;
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `${JSON.stringify(text)} is not a duration. Write a number and a unit, such as "500ms", "10s", "5m", "24h" or "30d"`,
  );
}
