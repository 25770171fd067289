import { parseDuration, type StringValue } from "./duration.ts";
import { WorkflowError } from "./errors.ts";

const DEFAULT_DELAY_MS = 1000;

export interface RetryableErrorOptions extends ErrorOptions {
  readonly retryAfter?: number | StringValue | Date;
}

/** Thrown by a step to be tried again, not before `retryAfter` (contract 01 section 1.12). */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  readonly retryAfter: Date;

  /**
   * `retryAfter` is milliseconds from now, a duration such as `5m` from now, or a point in time. Default 1 second.
   * @throws `WorkflowError` `INVALID_ARGUMENT` when it is none of these.
   */
  constructor(message: string, options: RetryableErrorOptions = {}) {
    super(message, options);
    this.retryAfter = pointInTime(options.retryAfter ?? DEFAULT_DELAY_MS);
  }

  static is(value: unknown): value is RetryableError {
    return typeof value === "object" && value !== null && "name" in value && value.name === "RetryableError";
  }
}

function pointInTime(after: number | string | Date): Date {
  const at =
    typeof after === "object"
      ? new Date(after)
      : new Date(Date.now() + (typeof after === "string" ? parseDuration(after) : after));
  if (Number.isNaN(at.getTime())) {
    throw new WorkflowError(
      "INVALID_ARGUMENT",
      `retryAfter is ${String(after)}. Use milliseconds, a duration such as "5m", or a valid Date`,
    );
  }
  return at;
}
