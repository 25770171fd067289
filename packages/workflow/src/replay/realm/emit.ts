import type { AttributeChange, StepSettings, WebhookSettings } from "../../world/events.ts";
import type { Command } from "../boundary.ts";
import type { RunContext } from "./context.ts";

/** The part of a command that goes before its payload; JSON. `hasPayload` says whether one follows. */
export interface CommandHeader {
  readonly type:
    | Command["type"]
    /** Not a command: how long the code may clean up, in `cleanupMs`. */
    | "cancellable"
    | "stuck";
  readonly id?: string;
  readonly name?: string;
  readonly settings?: StepSettings;
  readonly awaits?: string;
  readonly resumeAt?: number;
  readonly token?: string;
  readonly isWebhook?: boolean;
  readonly isSystem?: true;
  readonly expiresAt?: number;
  readonly tokenRetentionUntil?: number;
  readonly webhook?: WebhookSettings;
  readonly errorCode?: "USER_ERROR" | "RUNTIME_ERROR";
  readonly changes?: readonly AttributeChange[];
  readonly allowReservedAttributes?: true;
  readonly untaken?: readonly number[];
  readonly cleanupMs?: number;
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
