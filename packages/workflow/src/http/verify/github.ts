import { keyOfSignature } from "./replay-key.ts";
import { isAmong, sign } from "./signature.ts";
import { refusedAsForged, refusedWithout, type Attempt, type Verdict } from "./verdict.ts";

const HEADER = "x-hub-signature-256";

/** GitHub signs the body alone. `X-GitHub-Delivery` is not signed, so it cannot tell a repeat from a replay. */
export function verifyGithub(settings: { readonly secret: string }, { headers, body, secret }: Attempt): Verdict {
  const signature = headers.get(HEADER);
  if (signature === null) return refusedWithout(HEADER);
  const expected = sign({ algorithm: "sha256", encoding: "hex" }, secret, [body]);
  if (!isAmong(`sha256=${expected}`, [signature])) return refusedAsForged(settings.secret);
  return { status: "verified", replayKey: keyOfSignature("github", expected) };
}
