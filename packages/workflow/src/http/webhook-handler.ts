import { failed, notFound, responseOf, unreadable } from "./error-response.ts";
import { isRequest } from "./is-request.ts";
import { limitsOf, type WebhookHandlerOptions } from "./limits.ts";
import { showManifest } from "./show-manifest.ts";
import { report } from "./report.ts";
import { type RequestLimits, takeRequest } from "./take-request.ts";
import { takeWake } from "./wake/take-wake.ts";
import { isManifestPath, isWakePath, tokenOfPath } from "./webhook-path.ts";

/** Nobody reads it: the caller has hung up. */
const CALLER_GONE = 499;

/**
 * Makes the handler of the addresses that `createWebhook` gives out (`webhook.url`), for every HTTP method, below any
 * base path. It never rejects: callers get 202 or what the webhook or a step answers; 404 with the same bytes for
 * whatever is not an active webhook; 400, 401, 413, 500 and 504 with a JSON body that has the `code`.
 *
 * Where the environment variable `WORKFLOW_WAKE_SECRET` is set, it also answers signed requests of a scheduler to
 * `/.well-known/workflow/v1/wake`: the process works on what is due, for a bounded time.
 *
 * With `WORKFLOW_PUBLIC_MANIFEST=1` it shows at `/.well-known/workflow/v1/manifest.json` what was built.
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
  const { pathname } = new URL(request.url);
  const token = tokenOfPath(pathname);
  try {
    if (token !== undefined) return await takeRequest(token, request, limits);
    if (isWakePath(pathname)) return await takeWake(request);
    return isManifestPath(pathname) ? showManifest() : notFound();
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: CALLER_GONE });
    const response = responseOf(error);
    if (response === undefined || response.status === 500) report("A request failed:", error);
    return response ?? failed();
  }
}
