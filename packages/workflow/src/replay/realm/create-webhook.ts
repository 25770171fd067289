import { encodeBase64 } from "../../serialization/base64.ts";
import { textOf } from "../../serialization/refusal.ts";
import { serialize } from "../../serialization/serialize.ts";
import { WorkflowError } from "../../world/errors.ts";
import type { StaticResponse, WebhookSettings } from "../../world/events.ts";
import type { Hook, Webhook, WebhookOptions } from "../primitives.ts";
import { baseUrl } from "./base-url.ts";
import type { Bridge } from "./bridge.ts";
import { callingRun, type RunContext } from "./context.ts";
import { openHook } from "./create-hook.ts";
import { emit } from "./emit.ts";
import { bytesIn } from "./globals/body.ts";
import { Response } from "./globals/response.ts";
import { drawId, tokenOf } from "./identity.ts";
import { timeOf } from "./time-of.ts";
import { verificationFault } from "./verification-fault.ts";

const PATH = "/.well-known/workflow/v1/webhook/";

/** Options of hooks that webhooks do not take, and why. */
const NOT_TAKEN: readonly (readonly [name: string, why: string])[] = [
  ["token", "its token is always a generated one, since whoever knows it may call. To choose one, use createHook()"],
  ["isWebhook", "it always is one"],
  ["experimental_minRetention", "nobody else can want a generated token"],
];

export function createWebhookFactory(bridge: Bridge): (options?: WebhookOptions) => Hook & Pick<Webhook, "url"> {
  return (options = {}) => {
    const run = callingRun();
    const webhook = settingsOf(options);
    const { expiresIn, metadata } = options;
    const expiry = expiresIn === undefined ? {} : { expiresAt: timeOf(expiresIn, run.now, "expiresIn") };
    const id = drawId(bridge, run, "webhook", "");
    const token = tokenOf(bridge, run, id);
    const payload = metadata === undefined ? undefined : serialize(metadata, { what: "hook metadata", of: token });
    emit(run, { type: "hook", id, token, isWebhook: true, ...expiry, webhook }, payload);
    return Object.assign(openHook(run, id, token), { url: urlOf(run, token) });
  };
}

function urlOf(run: RunContext, token: string): string {
  return baseUrl(run).replace(/\/+$/, "") + PATH + encodeURIComponent(token);
}

function settingsOf(options: WebhookOptions): WebhookSettings {
  for (const [name, why] of NOT_TAKEN) {
    if (Reflect.get(options, name) !== undefined) throw invalid(`createWebhook() takes no \`${name}\`: ${why}`);
  }
  const respond = respondOf(options.respondWith);
  const { verify } = options;
  if (verify === undefined) return { respond };
  const fault = verificationFault(verify);
  if (fault !== undefined) throw invalid(`createWebhook() cannot use its \`verify\`: ${fault}`);
  return { respond, verify };
}

function respondOf(respondWith: unknown): WebhookSettings["respond"] {
  if (respondWith === undefined) return "accepted";
  if (respondWith === "manual") return "manual";
  if (respondWith instanceof Response && respondWith.type !== "error") return staticResponse(respondWith);
  const found = respondWith instanceof Response ? "Response.error()" : show(respondWith);
  throw invalid(`Invalid \`respondWith\` value: ${found}. Pass a Response, "manual", or nothing for 202 Accepted`);
}

function staticResponse(response: Response): StaticResponse {
  const { status, statusText, headers } = response;
  const bytes = bytesIn(response);
  return { status, statusText, headers: [...headers], body: bytes === null ? null : encodeBase64(bytes.buffer) };
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : textOf(value);
}

function invalid(message: string): WorkflowError {
  return new WorkflowError("INVALID_ARGUMENT", message);
}
