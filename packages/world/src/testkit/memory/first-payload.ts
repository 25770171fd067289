import type { Hint, Payload } from "workflow/world";
import type { RunRow } from "./tables.ts";

/** The first payload that a hook has got, taken in or not; null when it has none. */
export function firstPayload({ history, inbox }: RunRow, hookId: string): Payload | null {
  const events = [...history, ...inbox.map((fact) => fact.event)];
  const first = events.find((event) => event.type === "hook_received" && event.correlationId === hookId);
  return first?.payload ?? null;
}

/** That those who wait for the payloads of a run's system hooks have them. */
export function receivedHints(row: RunRow): readonly Hint[] {
  const system = [...row.entities.hooks.values()].filter(({ hook }) => hook.isSystem);
  const received = system.filter(({ hook }) => firstPayload(row, hook.hookId) !== null);
  return received.map(({ hook }) => ({ kind: "received", hookId: hook.hookId }));
}
