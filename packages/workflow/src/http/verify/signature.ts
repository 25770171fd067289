import { createHmac, timingSafeEqual } from "node:crypto";

export interface Signing {
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
}

/** The HMAC over the parts, one directly after the other, as the sender writes it. */
export function sign(
  { algorithm, encoding }: Signing,
  key: string | Uint8Array,
  parts: readonly (string | Uint8Array)[],
): string {
  const hmac = createHmac(algorithm, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

/**
 * Whether the expected signature is among those that came. All are looked at, so that the time it takes tells nothing
 * but how many there are and how long they are, which whoever sent them knows.
 */
export function isAmong(expected: string, candidates: readonly string[]): boolean {
  const wanted = Buffer.from(expected);
  let found = false;
  for (const candidate of candidates) {
    const bytes = Buffer.from(candidate);
    const same = bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
    found = found || same;
  }
  return found;
}
