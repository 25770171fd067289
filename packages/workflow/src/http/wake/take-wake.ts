import { drive, type DriveReport, lookAround } from "../../api/drive.ts";
import { getWorld } from "../../api/world-access.ts";
import { WebhookError } from "../../world/hook-errors.ts";
import { notFound, refused } from "../error-response.ts";
import { readBody } from "../read-body.ts";
import { report } from "../report.ts";
import { verifyRequest } from "../verify/verify-request.ts";
import { settingsOf } from "./settings.ts";
import { isRepeat } from "./repeats.ts";
import { requireUsable, WAKE_SECRET } from "./wake-secret.ts";

const MOST_BYTES = 1_000;

/**
 * Answers a scheduler that asks this process to work. Without a secret there is no such address.
 * @throws `WebhookError` 401 and 413; `WorkflowError` `INVALID_ARGUMENT` for a secret that cannot be used.
 */
export async function takeWake(request: Request): Promise<Response> {
  const secret = process.env[WAKE_SECRET] ?? "";
  if (secret === "" || request.method !== "POST") return notFound();
  requireUsable(secret);
  const body = (await readBody(request, MOST_BYTES)) ?? new Uint8Array();
  const world = await getWorld();
  const message = { headers: request.headers, body };
  const surroundings = { now: world.clock.now(), secretOf: () => secret };
  const verdict = verifyRequest({ scheme: "standard-webhooks", secret: WAKE_SECRET }, message, surroundings);
  if (verdict.status === "refused") throw notVerified(verdict.reason);
  const settings = settingsOf(body);
  if (settings.status === "unusable") return refused(400, settings.advice, "INVALID_ARGUMENT");
  // Whoever sends a message once more finds out what came of it, and has nothing done.
  const isNew = !isRepeat(verdict.replayKey, world.clock.elapsed());
  return responseOf(isNew ? await drive(world, settings.maxMs) : await lookAround(world));
}

function notVerified(reason: string): WebhookError {
  report(`A request to work on what is due was refused: ${reason}`);
  return new WebhookError(
    "WEBHOOK_NOT_VERIFIED",
    401,
    "The signature of a request to work on what is due is not right",
  );
}

function responseOf({ isMoreDue, nextDueAt, turns, steps }: DriveReport): Response {
  return Response.json({
    status: isMoreDue ? "more" : "idle",
    nextDueAt: nextDueAt === null ? null : new Date(nextDueAt).toISOString(),
    turns,
    steps,
  });
}
