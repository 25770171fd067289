import { tokenOf } from "../api/hooks.ts";
import { WorkflowError } from "../world/errors.ts";
import { isRequest } from "./is-request.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { takeRequest } from "./take-request.ts";

/**
 * Delivers a request to a webhook, for applications that have a route of their own in the place of
 * `createWebhookHandler` (contract 02 section 2.5). Resolves with what the webhook answers its callers: once the
 * request is durable, and with `respondWith: "manual"` once a step has answered, for which it waits 60 seconds at most.
 * Delivers once for each value of the request's `Idempotency-Key` or `webhook-id`, or for each signed message.
 * @throws `HookNotFoundError` when no active webhook has the token; `WebhookError`, whose `status` is what HTTP callers
 *   get, when the body is over 10 MB or was read before, when its signature is not right, or when no step answers.
 *   Except for the last nothing is written then. When the request is aborted, the reason of its signal.
 */
export async function resumeWebhook(token: string, request: Request): Promise<Response> {
  const checked = tokenOf(token, "resumeWebhook");
  if (!isRequest(request)) {
    throw new WorkflowError(
      "INVALID_ARGUMENT",
      "resumeWebhook() takes a Request of the web, with an absolute URL. For requests of node:http, Express and Fastify use " +
        "createWebhookHandler() and toNodeListener() of workflow/http",
    );
  }
  return takeRequest(checked, request, DEFAULT_LIMITS);
}
