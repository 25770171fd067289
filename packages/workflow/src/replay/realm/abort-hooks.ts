import { serializeThrown, type SignalAddress } from "../../serialization/serialize.ts";
import { SYSTEM_TOKEN } from "../../world/system-token.ts";
import { callingRun, type RunContext } from "./context.ts";
import { emit } from "./emit.ts";
import type { AbortSignal } from "./globals/abort-signal.ts";
import { drawId, idOfToken, tokenOf } from "./identity.ts";

/** A system hook of this run: who aborts the signal outside gives its reason to the hook. */
export type SystemHook = Required<SignalAddress>;

/** Asks for the hook of a signal that is about to leave the realm, or to be aborted. */
export function askForHook(signal: AbortSignal): SystemHook {
  const run = callingRun();
  const hookId = drawId(run.bridge, run, "abort", "");
  return open(run, signal, hookId, SYSTEM_TOKEN + tokenOf(run.bridge, run, hookId));
}

/** Asks for the hook of a signal that was made outside, which somebody there aborts by this token. */
export function askForHookOf(run: RunContext, signal: AbortSignal, token: string): SystemHook {
  return open(run, signal, idOfToken(run.bridge, run, token), token);
}

function open(run: RunContext, signal: AbortSignal, hookId: string, token: string): SystemHook {
  if (!run.ended) emit(run, { type: "hook", id: hookId, token, isWebhook: false, isSystem: true });
  run.signals.set(hookId, signal);
  return { runId: run.runId, hookId, token };
}

/** Says to everybody outside that workflow code has aborted the signal. */
export function tellAbort({ hookId, token }: SystemHook, reason: unknown): void {
  const run = callingRun();
  if (run.ended) return;
  emit(run, { type: "abort", id: hookId }, serializeThrown(reason, { what: "abort reason", of: token }));
}
