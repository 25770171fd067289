/** The files of `scenarios/` that are told through a crash at every point. */
export const SCENARIOS: readonly string[] = [
  "steps",
  "retries",
  "sleeps",
  "parallel",
  "races",
  "hooks",
  "cancellation",
  "conflict",
  "eviction",
  "keys",
  "held",
  "claims",
  "expiry",
  "once",
  "aborts",
  "large",
];
