import { parseDuration } from "../world/duration.ts";
import { WorkflowError } from "../world/errors.ts";
import type { KeyOptions, ResumeOptions, TransactionOptions } from "../world/resume.ts";
import type { DeliverOptions, WithinTransaction } from "../world/world.ts";

const LONGEST_KEY = 255;
const LONGEST_HOLD_MS = 30 * 24 * 60 * 60 * 1000;

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function keyIn(options: KeyOptions, functionName: string): { readonly idempotencyKey?: string } {
  const { idempotencyKey }: { readonly idempotencyKey?: unknown } = options;
  if (idempotencyKey === undefined) return {};
  const isKey =
    typeof idempotencyKey === "string" &&
    idempotencyKey.length > 0 &&
    idempotencyKey.length <= LONGEST_KEY &&
    idempotencyKey.isWellFormed();
  if (isKey) return { idempotencyKey };
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `${functionName}() takes an idempotencyKey of 1 to ${LONGEST_KEY} characters. Use the id of what you send, or a hash of it`,
  );
}

/** The caller's transaction, if it is to be in one. The World says whether it can be. */
export function txIn({ tx }: TransactionOptions): WithinTransaction {
  return tx === undefined ? {} : { tx };
}

/** @throws `WorkflowError` `INVALID_ARGUMENT` */
export function deliverOptions(options: ResumeOptions, now: number): DeliverOptions {
  const given = { ...keyIn(options, "resumeHook"), ...txIn(options) };
  return options.hold === undefined ? given : { ...given, holdUntil: endOfHold(options.hold, now) };
}

function endOfHold(hold: unknown, now: number): number {
  const until =
    typeof hold === "string"
      ? now + parseDuration(hold)
      : typeof hold === "number"
        ? now + hold
        : hold instanceof Date
          ? hold.getTime()
          : Number.NaN;
  if (until > now && until - now <= LONGEST_HOLD_MS) return Math.ceil(until);
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `resumeHook() takes a hold like "10m", a number of milliseconds or a Date, from now to 30 days, not ${String(hold)}`,
  );
}
