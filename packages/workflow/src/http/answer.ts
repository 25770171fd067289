import { responseOfAnswer } from "../api/answers.ts";
import { portableHeaders } from "../api/portable-headers.ts";
import { hostHandles } from "../api/run.ts";
import { decodeBase64 } from "../serialization/base64.ts";
import { WebhookError } from "../world/hook-errors.ts";
import type { StaticResponse } from "../world/events.ts";
import { isEnded } from "../world/reduce.ts";
import type { World } from "../world/world.ts";

/** What callers get who need not wait. */
export function accepted(): Response {
  return new Response(null, { status: 202, statusText: "Accepted" });
}

export function staticResponse({ status, statusText, headers, body }: StaticResponse): Response {
  const bytes = body === null ? null : decodeBase64(body);
  return new Response(bytes, { status, statusText, headers: portableHeaders(headers, bytes?.byteLength ?? 0) });
}

export interface Waiting {
  readonly requestId: string;
  readonly runId: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Of the caller's connection. */
  readonly signal: AbortSignal;
}

/**
 * The answer that a step gives to a request.
 * @throws `WebhookError` 500 when the run ended without one, 504 after `timeoutMs`; the signal's reason when the caller
 *   has gone: the run is not told.
 */
export async function answerOf(world: World, { requestId, runId, timeoutMs, signal }: Waiting): Promise<Response> {
  const answer = await world.answers.wait(requestId, { runId, timeoutMs, signal });
  if (answer !== null) return responseOfAnswer(answer, hostHandles);
  signal.throwIfAborted();
  const run = await world.runs.get(runId, { resolveData: "none" });
  throw isEnded(run) ? endedSilent(runId, run.status) : late(runId, timeoutMs);
}

function endedSilent(runId: string, status: string): WebhookError {
  return new WebhookError(
    "WEBHOOK_NOT_ANSWERED",
    500,
    `Run ${runId} is ${status} and did not send a response. Let a step call request.respondWith() on every way ` +
      "through the workflow",
  );
}

function late(runId: string, timeoutMs: number): WebhookError {
  return new WebhookError(
    "WEBHOOK_NOT_ANSWERED",
    504,
    `Run ${runId} did not send a response within ${timeoutMs} ms. It has the request. Answer earlier, or raise the ` +
      "responseTimeout of createWebhookHandler()",
  );
}
