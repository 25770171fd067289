import { createWebhookHandler } from "./webhook-handler.ts";
import { isHandledPath } from "./webhook-path.ts";

/**
 * A server's function that answers requests, with those for webhooks answered before it sees them: who sends them is no
 * browser of a user, so checks of origins and logins would refuse them.
 */
export function webhooksFirst<Rest extends readonly unknown[]>(
  respond: (request: Request, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const answerWebhook = createWebhookHandler();
  return async (request, ...rest) =>
    isHandledPath(new URL(request.url).pathname) ? answerWebhook(request) : respond(request, ...rest);
}
