import type { Verification } from "../../world/events.ts";
import { ageOf } from "./age.ts";
import { keyOfSignature } from "./replay-key.ts";
import { isAmong, sign } from "./signature.ts";
import { refused, refusedAsForged, refusedWithout, type Attempt, type Refusal, type Verdict } from "./verdict.ts";

type Settings = Verification & { readonly scheme: "hmac" };

/** Senders that sign the body, or the time, a full stop and the body, each with headers of their own. */
export function verifyHmac(settings: Settings, attempt: Attempt): Verdict {
  const { prefix = "", algorithm = "sha256", encoding = "hex" } = settings;
  const header = attempt.headers.get(settings.header);
  if (header === null) return refusedWithout(settings.header);
  if (!header.startsWith(prefix)) return refused(`the ${settings.header} header does not begin with "${prefix}"`);
  const signed = signedParts(settings, attempt);
  if (signed.status === "refused") return signed;

  const signature = header.slice(prefix.length);
  const expected = sign({ algorithm, encoding }, attempt.secret, signed.parts);
  // Some senders write hexadecimal digits in capitals.
  const candidate = encoding === "hex" ? signature.toLowerCase() : signature;
  if (!isAmong(expected, [candidate])) return refusedAsForged(settings.secret);
  return { status: "verified", replayKey: keyOfSignature(settings.scheme, expected) };
}

function signedParts(
  { timestampHeader, tolerance }: Settings,
  { headers, body, now }: Attempt,
): { readonly status: "signed"; readonly parts: readonly (string | Uint8Array)[] } | Refusal {
  if (timestampHeader === undefined) return { status: "signed", parts: [body] };
  const age = ageOf(headers.get(timestampHeader), timestampHeader, now, tolerance);
  if (age.status === "refused") return age;
  return { status: "signed", parts: [`${age.timestamp}.`, body] };
}
