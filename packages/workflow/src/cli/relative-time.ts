import ms from "ms";

/** `3m ago`, or `in 3m` for a time to come; empty for none. `now` is in milliseconds since the epoch. */
export function relativeTime(at: Date | undefined, now: number): string {
  if (at === undefined) return "";
  const distance = ms(Math.abs(now - at.getTime()));
  return at.getTime() > now ? `in ${distance}` : `${distance} ago`;
}

/** The same behind the exact time; undefined for none. */
export function exactTime(at: Date | undefined, now: number): string | undefined {
  return at === undefined ? undefined : `${at.toISOString()} (${relativeTime(at, now)})`;
}
