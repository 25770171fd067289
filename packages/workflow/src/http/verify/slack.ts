import { ageOf } from "./age.ts";
import { fieldOf, keyOfId } from "./replay-key.ts";
import { isAmong, sign } from "./signature.ts";
import { refusedAsForged, refusedWithout, type Attempt, type Timed, type Verdict } from "./verdict.ts";

/** Slack's `v0`. Events have an id that their repeats keep; commands and interactions have none and are not repeated. */
export function verifySlack(settings: Timed, { headers, body, secret, now }: Attempt): Verdict {
  const signature = headers.get("x-slack-signature");
  if (signature === null) return refusedWithout("x-slack-signature");
  const time = headers.get("x-slack-request-timestamp");
  const age = ageOf(time, "x-slack-request-timestamp", now, settings.tolerance);
  if (age.status === "refused") return age;

  const expected = sign({ algorithm: "sha256", encoding: "hex" }, secret, [`v0:${age.timestamp}:`, body]);
  if (!isAmong(`v0=${expected}`, [signature])) return refusedAsForged(settings.secret);
  return { status: "verified", replayKey: keyOfId("slack", fieldOf(body, "event_id"), expected) };
}
