import type { SignalData } from "../../serialization/serialize.ts";
import { askForHookOf } from "./abort-hooks.ts";
import type { RunContext } from "./context.ts";
import { AbortSignal, connectSignal, createSignal } from "./globals/abort-signal.ts";
import { idOfToken } from "./identity.ts";

/**
 * A signal comes into the realm. One of this run is the very signal that left. One that was made outside gets a hook,
 * through which whoever made it aborts it.
 */
export function reviveSignal(run: RunContext, data: SignalData): AbortSignal {
  const known = run.signals.get(hookIdOf(run, data) ?? "");
  if (known !== undefined) return known;
  if (data.aborted) return AbortSignal.abort(data.reason);
  const signal = createSignal();
  // Of another run's hook, this run hears nothing.
  if (data.token !== undefined && data.hookId === undefined) {
    connectSignal(signal, askForHookOf(run, signal, data.token));
  }
  return signal;
}

function hookIdOf(run: RunContext, { runId, hookId, token }: SignalData): string | undefined {
  if (hookId !== undefined) return runId === run.runId ? hookId : undefined;
  return token === undefined ? undefined : idOfToken(run.bridge, run, token);
}
