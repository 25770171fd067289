import { deliver } from "../api/deliver.ts";
import { getWorld } from "../api/world-access.ts";
import { requestValue } from "../serialization/http-values.ts";
import { serialize } from "../serialization/serialize.ts";
import type { Hook } from "../world/entities.ts";
import { HookNotFoundError, WebhookError } from "../world/hook-errors.ts";
import type { World } from "../world/world.ts";
import { accepted, answerOf, staticResponse } from "./answer.ts";
import { findWebhook } from "./find-webhook.ts";
import { readBody } from "./read-body.ts";
import { report } from "./report.ts";
import { idempotencyKeyOf, requestIdOf } from "./request-keys.ts";
import { verifyRequest } from "./verify/verify-request.ts";

export interface RequestLimits {
  /** Of bodies, in bytes. */
  readonly bodyLimit: number;
  /** How long callers wait for a step's answer, in milliseconds. */
  readonly responseTimeout: number;
}

type Body = Uint8Array<ArrayBuffer> | null;

/**
 * Delivers a request to a webhook, and answers its caller as the webhook says.
 * @throws `HookNotFoundError`, before the body is read; `WebhookError`; the reason of the request's signal.
 */
export async function takeRequest(token: string, request: Request, limits: RequestLimits): Promise<Response> {
  const world = await getWorld();
  const hook = await findWebhook(world, token);
  const body = await readBody(request, limits.bodyLimit);
  const key = keyOf(world, hook, request, body);
  const respond = hook.webhook?.respond ?? "accepted";
  const requestId = respond === "manual" ? requestIdOf(token, key) : undefined;
  const runId = await deliverRequest(world, token, { request, body, key, requestId });
  if (requestId === undefined) return typeof respond === "object" ? staticResponse(respond) : accepted();
  return answerOf(world, { requestId, runId, timeoutMs: limits.responseTimeout, signal: request.signal });
}

/** What makes a repeat of the request one. Where signatures are checked only what is signed counts. */
function keyOf(world: World, hook: Hook, { headers }: Request, body: Body): string | undefined {
  const verify = hook.webhook?.verify;
  if (verify === undefined) return idempotencyKeyOf(headers);
  const surroundings = { now: world.clock.now(), secretOf: (name: string) => process.env[name] };
  const verdict = verifyRequest(verify, { headers, body: body ?? new Uint8Array() }, surroundings);
  if (verdict.status === "verified") return verdict.replayKey;
  report(`A request for the webhook ${hook.hookId} of run ${hook.runId} was refused: ${verdict.reason}`);
  throw new WebhookError(
    "WEBHOOK_NOT_VERIFIED",
    401,
    `The signature of a request for the webhook ${hook.hookId} of run ${hook.runId} is not right. Nothing was stored. ` +
      "The log of this process says why",
  );
}

interface Incoming {
  readonly request: Request;
  readonly body: Body;
  readonly key: string | undefined;
  /** Whom a step's answer is for. */
  readonly requestId: string | undefined;
}

/** Says which run has the request: with a key, perhaps since an earlier call. */
async function deliverRequest(
  world: World,
  token: string,
  { request, body, key, requestId }: Incoming,
): Promise<string> {
  const { method, url, headers } = request;
  const answerTo = requestId === undefined ? {} : { answerTo: requestId };
  const value = requestValue({ method, url, headers: [...headers], body, ...answerTo });
  const payload = serialize(value, { what: "hook payload", of: token });
  const fact = { type: "hook_received", data: {}, payload, at: world.clock.now() } as const;
  const options = key === undefined ? {} : { idempotencyKey: key };
  const delivery = await deliver(world, token, fact, options);
  if (delivery.status === "delivered" || delivery.status === "duplicate") return delivery.runId;
  throw new HookNotFoundError(token);
}
