import { failed, notFound, responseOf, unreadable } from "./error-response.ts";
import { isRequest } from "./is-request.ts";
import { limitsOf, type WebhookHandlerOptions } from "./limits.ts";
import { report } from "./report.ts";
import { type RequestLimits, takeRequest } from "./take-request.ts";
import { tokenOfPath } from "./webhook-path.ts";

/** Nobody reads it: the caller has hung up. */
const CALLER_GONE = 499;

/**
 * Makes the handler of the addresses that `createWebhook` gives out (`webhook.url`), for every HTTP method, below any
 * base path. It never rejects: callers get 202 or what the webhook or a step answers; 404 with the same bytes for
 * whatever is not an active webhook; 400, 401, 413, 500 and 504 with a JSON body that has the `code`.
 * @throws `WorkflowError` `INVALID_ARGUMENT` for options that cannot be used.
 */
export function createWebhookHandler(options: WebhookHandlerOptions = {}): (request: Request) => Promise<Response> {
  const limits = limitsOf(options);
  return async (request) => {
    const response = await answer(request, limits);
    if (request.method !== "HEAD") return response;
    const { status, statusText, headers } = response;
    return new Response(null, { status, statusText, headers });
  };
}

async function answer(request: Request, limits: RequestLimits): Promise<Response> {
  if (!isRequest(request)) return unreadable();
  const token = tokenOfPath(new URL(request.url).pathname);
  if (token === undefined) return notFound();
  try {
    return await takeRequest(token, request, limits);
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: CALLER_GONE });
    const response = responseOf(error);
    if (response === undefined || response.status === 500) report("A request for a webhook failed:", error);
    return response ?? failed();
  }
}
