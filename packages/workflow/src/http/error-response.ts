import { type ErrorCode } from "../world/errors.ts";
import { HookNotFoundError, WebhookError } from "../world/hook-errors.ts";

/** What strangers are told. Neither runs nor tokens are named, and all reasons for a 404 look the same. */
const TEXTS: { readonly [Code in ErrorCode & `WEBHOOK_${string}`]: string } = {
  WEBHOOK_BODY_CONSUMED:
    "The server read the body of the request before its webhook handler could. Mount the webhook handler before every " +
    "body parser",
  WEBHOOK_BODY_TOO_LARGE: "The body of the request is too large",
  WEBHOOK_NOT_ANSWERED: "Workflow run did not send a response",
  WEBHOOK_NOT_VERIFIED: "The signature of the request is missing or not right",
};

/** The response for what went wrong; undefined for what strangers are not told. */
export function responseOf(error: unknown): Response | undefined {
  if (HookNotFoundError.is(error)) return notFound();
  if (!WebhookError.is(error)) return undefined;
  return json(error.status, TEXTS[error.code as keyof typeof TEXTS], error.code);
}

export function notFound(): Response {
  return json(404, "There is no such webhook", "HOOK_NOT_FOUND");
}

/** For what is HTTP but no request of the web, like the method TRACE or a host that is no host. */
export function unreadable(): Response {
  return json(400, "The request has a method, a host or a path that cannot be used", "INVALID_ARGUMENT");
}

export function failed(): Response {
  return json(500, "The request could not be handled. Send it again later", "RUNTIME_ERROR");
}

/** For what a caller asked for that cannot be had. */
export function refused(status: number, error: string, code: ErrorCode): Response {
  return json(status, error, code);
}

function json(status: number, error: string, code: ErrorCode): Response {
  return Response.json({ error, code }, { status });
}
