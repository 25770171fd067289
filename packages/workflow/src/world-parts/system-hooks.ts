import type { Draft } from "./draft.ts";
import type { KnownState } from "./known-state.ts";

/** The system hooks that the turn gave payloads: its own, or what was held for their tokens. */
export function systemHooksIn({ writes, claims }: Draft, { entities }: KnownState): readonly string[] {
  const received: string[] = [];
  for (const { kind, stored } of writes) {
    const hookId = stored.type === "hook_received" && kind === "event" ? stored.correlationId : undefined;
    if (hookId !== undefined && entities.hooks.get(hookId)?.hook.isSystem) received.push(hookId);
  }
  for (const { hookId, moves } of claims) {
    if (moves.length > 0 && entities.hooks.get(hookId)?.hook.isSystem) received.push(hookId);
  }
  return received;
}
