import { isEnded, KEY_MEMORY_MS, type Hook } from "workflow/world";
import { isOpen } from "./holder.ts";
import type { KeyRow, Tables } from "./tables.ts";

/** What became of the payload that came for `token` with `key`, if that is still remembered. */
export function recall(tables: Tables, token: string, key: string | undefined, now: number): KeyRow | undefined {
  const row = key === undefined ? undefined : tables.keys.get(token)?.get(key);
  if (row === undefined) return undefined;
  // The sender of a payload that was dropped may try again; while it is held, a second one would double it.
  if (row.went.to === "held") return row.went.until > now ? row : undefined;
  return now < row.acceptedAt + KEY_MEMORY_MS || isAwaited(tables, row.went.hook, now) ? row : undefined;
}

/** Whether a hook is active, or reserved. */
function isAwaited(tables: Tables, { runId, hookId }: Hook, now: number): boolean {
  const entities = tables.runs.get(runId)?.entities;
  if (entities?.run === undefined || isEnded(entities.run)) return false;
  const state = entities.hooks.get(hookId);
  return state === undefined || isOpen(state, now);
}

export function remember(tables: Tables, token: string, key: string | undefined, row: KeyRow): void {
  if (key === undefined) return;
  const keys = tables.keys.get(token) ?? new Map<string, KeyRow>();
  tables.keys.set(token, keys.set(key, row));
}

/** The payload has gone to `hook`; when it was accepted stays. */
export function redirect(tables: Tables, hook: Hook, key: string | undefined): void {
  const row = key === undefined ? undefined : tables.keys.get(hook.token)?.get(key);
  if (row !== undefined) remember(tables, hook.token, key, { ...row, went: { to: "hook", hook } });
}
