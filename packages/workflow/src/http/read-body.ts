import { readBytes } from "../serialization/read-bytes.ts";
import { WebhookError } from "../world/hook-errors.ts";

/**
 * The bytes of a request's body. Null where it has none.
 * @throws `WebhookError` 413 for more than `limit` bytes, announced or sent; 500 `WEBHOOK_BODY_CONSUMED` when the body
 *   was read before. The reason of the request's signal when the caller goes away meanwhile.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooLarge(limit);
  if (request.bodyUsed) throw consumed();
  const read = await readBytes(request.body, limit).catch((error: unknown) => {
    // Servers have limits of their own, and some say so by a body that fails with this status.
    if ((error as { readonly status?: unknown } | undefined)?.status === 413) throw tooLargeForServer(error);
    throw error;
  });
  if (read.status === "too large") throw tooLarge(limit);
  return read.bytes;
}

function tooLarge(limit: number): WebhookError {
  return new WebhookError(
    "WEBHOOK_BODY_TOO_LARGE",
    413,
    `The body of the request is larger than ${limit} bytes. Nothing was stored. Send less, or raise the bodyLimit of ` +
      "createWebhookHandler()",
  );
}

function tooLargeForServer(cause: unknown): WebhookError {
  return new WebhookError(
    "WEBHOOK_BODY_TOO_LARGE",
    413,
    "The body of the request is larger than the app's server takes. Nothing was stored. Send less, or raise the limit " +
      "of the server",
    { cause },
  );
}

function consumed(): WebhookError {
  return new WebhookError(
    "WEBHOOK_BODY_CONSUMED",
    500,
    "Something read the body of the request before the webhook handler. Nothing was stored. Mount the webhook handler " +
      "before every body parser",
  );
}
