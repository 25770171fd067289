import { createWebhookHandler } from "./webhook-handler.ts";
import { isHandledPath } from "./webhook-path.ts";

/** A server as several runtimes take it. */
export interface FetchServer {
  fetch(request: Request, ...rest: never[]): Response | Promise<Response>;
}

/** The server with the addresses of webhooks, which it answers itself. Integrations write it; apps do not. */
export function withWebhooks<T extends FetchServer>(server: T): T {
  const handler = createWebhookHandler();
  const fetch: FetchServer["fetch"] = (request, ...rest) =>
    isHandledPath(new URL(request.url).pathname) ? handler(request) : server.fetch(request, ...rest);
  return { ...server, fetch };
}
