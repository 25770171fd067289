import { Webhook } from "standardwebhooks";

export const WAKE_PATH = "/.well-known/workflow/v1/wake";

/** Random enough for a test. */
export const WAKE_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

export interface Signing {
  readonly secret?: string;
  readonly id?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** A request for work, signed by the library of Standard Webhooks. */
export function wakeRequest(
  url: string,
  body: string,
  { secret = WAKE_SECRET, id = crypto.randomUUID(), at = Date.now() }: Signing = {},
): Request {
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, new Date(at), body),
  };
  return new Request(url, { method: "POST", headers, body });
}
