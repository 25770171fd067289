import { WorkflowWorldError } from "workflow/world";
import { isStorable } from "./texts.ts";
import type { FlatEntry, FlatEvent } from "workflow/world-parts";

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` for an event with a text that PostgreSQL cannot hold. */
export function requireStorableEvent([type, correlationId, , data, payload]: FlatEvent): void {
  if (payload !== null && !isStorable(payload)) throw unstorable("payload");
  if (correlationId !== null && !isStorable(correlationId)) throw unstorable("correlationId");
  if (type !== "hook_created" || data === null || !data.includes("\\u0000")) return;
  const { token } = JSON.parse(data) as { readonly token: string };
  if (!isStorable(token)) throw unstorable("token");
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` */
export function requireStorable(entries: readonly FlatEntry[]): void {
  for (const entry of entries) {
    if ("codeHash" in entry) {
      if (!isStorable(entry.input)) throw unstorable("payload");
    } else if (typeof entry[0] === "string") requireStorableEvent(entry as FlatEvent);
  }
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when `text` has a NUL. */
export function requireStorableText(text: string, field: string): void {
  if (!isStorable(text)) throw unstorable(field);
}

function unstorable(field: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", `The ${field} has a NUL character, which PostgreSQL cannot store`, {
    field,
  });
}
