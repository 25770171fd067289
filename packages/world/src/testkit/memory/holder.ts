import { isEnded, TENANCY, type Hook, type HookState } from "workflow/world";
import type { HookAddress, RunRow, Tables } from "./tables.ts";

/** Who has a token (invariant I6). */
export type Holder =
  /** An active hook. */
  | { readonly kind: "hook"; readonly hook: Hook }
  /** A run that was created with the token and has not created the hook yet; the hook as it will be found. */
  | { readonly kind: "reservation"; readonly hook: Hook }
  /** A hook whose run has ended. It takes nothing and keeps the token from others. */
  | { readonly kind: "retained"; readonly hook: Hook }
  | { readonly kind: "nobody" };

/** What a turn that is not written yet has changed. */
export interface Unwritten {
  readonly runId: string;
  readonly tokens: ReadonlyMap<string, HookAddress>;
  readonly hooks: ReadonlyMap<string, HookState>;
}

/** Who has `token` at `now`: whoever got it last, unless that one has lost it. */
export function holderOf(tables: Tables, token: string, now: number, unwritten?: Unwritten): Holder {
  const last = unwritten?.tokens.get(token) ?? tables.tokens.get(token);
  const row = last && tables.runs.get(last.runId);
  const run = row?.entities.run;
  if (last === undefined || row === undefined || run === undefined) return { kind: "nobody" };
  const changed = unwritten?.runId === last.runId ? unwritten.hooks.get(last.hookId) : undefined;
  const state = changed ?? row.entities.hooks.get(last.hookId);
  if (state === undefined) {
    const hook = { ...last, token, ...TENANCY, createdAt: run.createdAt, isWebhook: false };
    return isEnded(run) ? { kind: "nobody" } : { kind: "reservation", hook };
  }
  const { hook } = state;
  if (isEnded(run)) return isRetained(row, hook, now) ? { kind: "retained", hook } : { kind: "nobody" };
  return isOpen(state, now) ? { kind: "hook", hook } : { kind: "nobody" };
}

/** Whether a hook of a run that has not ended takes payloads. An expired one no longer does, disposed or not. */
export function isOpen({ status, hook }: HookState, now: number): boolean {
  return status === "active" && (hook.expiresAt === undefined || hook.expiresAt.getTime() > now);
}

/** Whether a hook keeps its token if its run ends at `now`. */
export function outlives(state: HookState, now: number): boolean {
  return isOpen(state, now) && isKept(state.hook, now);
}

function isRetained(row: RunRow, hook: Hook, now: number): boolean {
  return row.retained.has(hook.hookId) && isKept(hook, now);
}

function isKept({ tokenRetentionUntil }: Hook, now: number): boolean {
  return tokenRetentionUntil !== undefined && tokenRetentionUntil.getTime() > now;
}
