import { randomHex } from "../../world/random.ts";
import { sign } from "../verify/signature.ts";

/**
 * The headers of a request for work, signed as Standard Webhooks does it.
 * @param secret One that `requireUsable` lets through.
 * @param now Milliseconds since the epoch.
 */
export function wakeHeaders(secret: string, body: string, now: number): Readonly<Record<string, string>> {
  const id = `msg_${randomHex(16)}`;
  const timestamp = String(Math.floor(now / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = sign({ algorithm: "sha256", encoding: "base64" }, key, [`${id}.${timestamp}.${body}`]);
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}
