import { createHash } from "node:crypto";
import { randomHex } from "../world/random.ts";

/** The longest key that a World remembers, in characters. */
const LONGEST_KEY = 255;

/** What senders name a message by, so that sending it again does not deliver it again. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key") || headers.get("webhook-id") || undefined;
  return key === undefined || key.length <= LONGEST_KEY ? key : `sha256:${sha256(key)}`;
}

/** Names a request whose caller waits for an answer. A repeat of it has the same name, and so gets the same answer. */
export function requestIdOf(token: string, key: string | undefined): string {
  return `req_${key === undefined ? randomHex(16) : sha256(JSON.stringify([token, key])).slice(0, 32)}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
