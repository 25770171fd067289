import { refused, refusedWithout, type Refusal } from "./verdict.ts";

/** Seconds; what the libraries of Stripe, Slack and Standard Webhooks use. */
const DEFAULT_TOLERANCE = 300;

/** As it is signed: without sign, leading zeros or fraction, so that one time has one text. */
const UNIX_SECONDS = /^[1-9]\d{0,11}$/;

export type Age = { readonly status: "fresh"; readonly timestamp: string } | Refusal;

/**
 * Whether a request's time is near enough to `now` (milliseconds since the epoch).
 * @param value What `header` says: seconds since the epoch.
 * @param tolerance Seconds, into the past and into the future.
 */
export function ageOf(value: string | null, header: string, now: number, tolerance: number = DEFAULT_TOLERANCE): Age {
  if (value === null) return refusedWithout(header);
  if (!UNIX_SECONDS.test(value)) return refused(`the time in the ${header} header is not in whole Unix seconds`);
  const age = Math.floor(now / 1000) - Number(value);
  if (age > tolerance) return refused(`it was signed ${age} s ago, more than the ${tolerance} s of the tolerance`);
  if (age < -tolerance) {
    return refused(
      `it was signed ${-age} s ahead of this machine's clock, more than the ${tolerance} s of the tolerance`,
    );
  }
  return { status: "fresh", timestamp: value };
}
