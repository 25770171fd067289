/**
 * How a step starts: `fresh`, or after its process died while it ran. `again`: it has more attempts after this one.
 * `last`: it has none.
 */
export type Start = "fresh" | "again" | "last";

/** What may be done with a step whose process died in its attempt number `attempt`, of `limit` that it has. */
export function judgeInterruption(attempt: number, limit: number): "again" | "last" | "exhausted" {
  if (attempt >= limit) return "exhausted";
  return attempt + 1 === limit ? "last" : "again";
}
