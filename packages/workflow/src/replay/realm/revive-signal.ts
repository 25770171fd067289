import type { SignalData } from "../../serialization/serialize.ts";
import { askForHookOf } from "./abort-hooks.ts";
import type { RunContext } from "./context.ts";
import { AbortSignal, connectSignal, createSignal } from "./globals/abort-signal.ts";
import { idOfToken } from "./identity.ts";

/**
 * A signal comes into the realm. One of this run is the very signal that left. One that was made outside gets a hook,
 * through which whoever made it aborts it; so does one that the run brought along when it continued as new.
 */
export function reviveSignal(run: RunContext, data: SignalData): AbortSignal {
  const { runId, hookId, token } = data;
  // Of another run's hook, this run hears nothing.
  const isOwn = runId === undefined || runId === run.runId;
  const known = isOwn ? (run.signals.get(hookId ?? "") ?? signalOf(run, token)) : undefined;
  if (known !== undefined) return known;
  if (data.aborted) return AbortSignal.abort(data.reason);
  const signal = createSignal();
  if (isOwn && token !== undefined) connectSignal(signal, askForHookOf(run, signal, token));
  return signal;
}

function signalOf(run: RunContext, token: string | undefined): AbortSignal | undefined {
  return token === undefined ? undefined : run.signals.get(idOfToken(run.bridge, run, token));
}
