import type { RequestLimits } from "./take-request.ts";
import { MOST_BODY_BYTES } from "../serialization/read-bytes.ts";
import { parseDuration, type StringValue } from "../world/duration.ts";
import { WorkflowError } from "../world/errors.ts";

export interface WebhookHandlerOptions {
  /** The largest body that is taken, in bytes; at most 25,000,000. Default 10,000,000. */
  readonly bodyLimit?: number | undefined;
  /**
   * How long the caller of a webhook with `respondWith: "manual"` waits for the answer of a step: milliseconds, or a
   * duration like `"90s"`. Default 60 seconds.
   */
  readonly responseTimeout?: StringValue | number | undefined;
}

export const DEFAULT_LIMITS: RequestLimits = { bodyLimit: 10_000_000, responseTimeout: 60_000 };

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function limitsOf({ bodyLimit, responseTimeout }: WebhookHandlerOptions): RequestLimits {
  const timeout = typeof responseTimeout === "string" ? parseDuration(responseTimeout) : responseTimeout;
  const limits = {
    bodyLimit: bodyLimit ?? DEFAULT_LIMITS.bodyLimit,
    responseTimeout: timeout ?? DEFAULT_LIMITS.responseTimeout,
  };
  if (!(limits.bodyLimit >= 0 && limits.bodyLimit <= MOST_BODY_BYTES)) {
    throw unusable("bodyLimit", bodyLimit, `Use bytes from 0 to ${MOST_BODY_BYTES}`);
  }
  if (!(limits.responseTimeout > 0 && Number.isFinite(limits.responseTimeout))) {
    throw unusable("responseTimeout", responseTimeout, 'Use milliseconds, or a duration such as "90s"');
  }
  return limits;
}

function unusable(option: string, value: unknown, advice: string): WorkflowError {
  return new WorkflowError(
    "INVALID_ARGUMENT",
    `The ${option} of createWebhookHandler() cannot be ${String(value)}. ${advice}`,
  );
}
