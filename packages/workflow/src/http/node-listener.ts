import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequest, sendResponse } from "@remix-run/node-fetch-server";
import { failed, unreadable } from "./error-response.ts";
import { bodyOf } from "./node-body.ts";
import { report } from "./report.ts";
import { isHandledPath } from "./webhook-path.ts";

/** What `node:http` takes as a listener, and Express as middleware. */
export type NodeListener = (message: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Mounts the handler of `createWebhookHandler` where requests are Node's: in `node:http`, Express and Fastify. With
 * `next`, requests for other addresses are passed on to it, untouched. Mount it before body parsers: where the body was
 * read already, and no copy of its bytes stands at `rawBody`, callers get 500 `WEBHOOK_BODY_CONSUMED`.
 */
export function toNodeListener(handler: (request: Request) => Response | Promise<Response>): NodeListener {
  return (message, response, next) => {
    // Express cuts the path under which something is mounted off `url`.
    const { originalUrl = message.url ?? "/" } = message as { readonly originalUrl?: string };
    if (next !== undefined && !isHandledPath(originalUrl)) return next();
    message.url = originalUrl;
    void serve(message, response, handler);
  };
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  handler: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  try {
    const request = requestOf(message, response);
    const answer = request === undefined ? unreadable() : await handler(request);
    await sendResponse(response, answer);
    // The caller sees the answer only once it could send what is left of the body.
    await request?.body?.cancel().catch(() => undefined);
    message.resume();
  } catch (error) {
    report("A request could not be answered:", error);
    if (response.headersSent) response.destroy();
    else await sendResponse(response, failed());
  }
}

/** Undefined for what cannot be one. */
function requestOf(message: IncomingMessage, response: ServerResponse): Request | undefined {
  const body = bodyOf(message);
  try {
    const request = createRequest(body.status === "copied" ? body.message : message, response);
    // Marks it as used, for whoever wants to read it.
    if (body.status === "consumed") void request.body?.cancel();
    return request;
  } catch {
    return undefined;
  }
}
