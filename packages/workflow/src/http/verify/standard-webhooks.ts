import { ageOf } from "./age.ts";
import { keyOfId } from "./replay-key.ts";
import { isAmong, sign } from "./signature.ts";
import { refused, refusedAsForged, refusedWithout, type Attempt, type Timed, type Verdict } from "./verdict.ts";

const BASE64_SECRET = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

/** Visible ASCII. No full stop: it ends the id in what is signed, and one message could be read as another. */
const ID = /^[\x21-\x2d\x2f-\x7e]+$/;

/** Standard Webhooks 1.0 with symmetric keys (`v1`). Several signatures mean that the sender is changing keys. */
export function verifyStandardWebhooks(settings: Timed, { headers, body, secret, now }: Attempt): Verdict {
  const key = BASE64_SECRET.exec(secret)?.[1];
  if (key === undefined) return refused(`${settings.secret} is not "whsec_" followed by base64`);

  const id = headers.get("webhook-id");
  const signatures = headers.get("webhook-signature");
  if (id === null) return refusedWithout("webhook-id");
  if (signatures === null) return refusedWithout("webhook-signature");
  if (!ID.test(id)) return refused("the webhook-id header is not of visible ASCII characters without a full stop");
  const age = ageOf(headers.get("webhook-timestamp"), "webhook-timestamp", now, settings.tolerance);
  if (age.status === "refused") return age;

  const expected = sign({ algorithm: "sha256", encoding: "base64" }, Buffer.from(key, "base64"), [
    `${id}.${age.timestamp}.`,
    body,
  ]);
  if (!isAmong(`v1,${expected}`, signatures.split(" "))) return refusedAsForged(settings.secret);
  return { status: "verified", replayKey: keyOfId("standard-webhooks", id, expected) };
}
