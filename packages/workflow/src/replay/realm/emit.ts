import type { WebhookSettings } from "../../world/events.ts";
import type { RunContext } from "./context.ts";

/** The part of a command that goes before its payload; JSON. `hasPayload` says whether one follows. */
export interface CommandHeader {
  readonly type: "step" | "wait" | "closeWait" | "hook" | "dispose" | "complete" | "fail" | "stuck";
  readonly id?: string;
  readonly name?: string;
  readonly maxRetries?: number;
  readonly resumeAt?: number;
  readonly token?: string;
  readonly isWebhook?: boolean;
  readonly expiresAt?: number;
  readonly tokenRetentionUntil?: number;
  readonly webhook?: WebhookSettings;
  readonly errorCode?: "USER_ERROR" | "RUNTIME_ERROR";
  readonly hasPayload: boolean;
  /** Where workflow code asked (only when tracing), or where it was stopped. */
  readonly stack?: string;
}

/** Puts a command where the host takes it after the drain. Returns its header as it stands there. */
export function emit(run: RunContext, header: Omit<CommandHeader, "hasPayload">, payload?: string): string {
  const stack = run.tracing ? { stack: new Error().stack ?? "" } : {};
  const text = JSON.stringify({ ...header, hasPayload: payload !== undefined, ...stack });
  run.outbox.push(text);
  if (payload !== undefined) run.outbox.push(payload);
  return text;
}
