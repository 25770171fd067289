import { ageOf } from "./age.ts";
import { fieldOf, keyOfId } from "./replay-key.ts";
import { isAmong, sign } from "./signature.ts";
import { refused, refusedAsForged, refusedWithout, type Attempt, type Timed, type Verdict } from "./verdict.ts";

const HEADER = "stripe-signature";

/** Stripe's `v1`: `t=<time>,v1=<signature>`, with one more `v1` for each secret that is being replaced. */
export function verifyStripe(settings: Timed, { headers, body, secret, now }: Attempt): Verdict {
  const header = headers.get(HEADER);
  if (header === null) return refusedWithout(HEADER);
  const items = header.split(",");
  const [time, ...furtherTimes] = valuesOf("t", items);
  if (time === undefined || furtherTimes.length > 0) return refused(`the ${HEADER} header does not have one time`);
  const age = ageOf(time, HEADER, now, settings.tolerance);
  if (age.status === "refused") return age;

  const expected = sign({ algorithm: "sha256", encoding: "hex" }, secret, [`${age.timestamp}.`, body]);
  if (!isAmong(expected, valuesOf("v1", items))) return refusedAsForged(settings.secret);
  return { status: "verified", replayKey: keyOfId("stripe", fieldOf(body, "id"), expected) };
}

function valuesOf(name: string, items: readonly string[]): string[] {
  return items.filter((item) => item.startsWith(`${name}=`)).map((item) => item.slice(name.length + 1));
}
