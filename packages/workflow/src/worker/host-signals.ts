import { type SignalData, type WriteSignal } from "../serialization/serialize.ts";
import { processWide } from "../world/process-wide.ts";
import { randomHex } from "../world/random.ts";
import { SYSTEM_TOKEN } from "../world/system-token.ts";

/** The system hook of a run that a signal of the platform stands for. */
export interface SystemHook {
  readonly runId: string;
  readonly hookId: string;
  readonly token: string;
}

/** A signal that was revived on the host. */
interface Revived {
  readonly controller: AbortController;
  readonly hook: SystemHook | undefined;
}

const slot = processWide<WeakMap<object, Revived>>("workflow.signals");

function revived(): WeakMap<object, Revived> {
  return slot.get() ?? slot.set(new WeakMap<object, Revived>());
}

/** A real signal, aborted if it was when it was written. */
export function makeSignal(data: SignalData): AbortController {
  const controller = new AbortController();
  const { runId, hookId, token } = data;
  const hook =
    runId === undefined || hookId === undefined || token === undefined ? undefined : { runId, hookId, token };
  revived().set(controller.signal, { controller, hook });
  if (data.aborted) controller.abort(data.reason);
  return controller;
}

/** The controller of a signal that {@link makeSignal} made. */
export function controllerOf(signal: object): AbortController {
  return revived().get(signal)?.controller ?? new AbortController();
}

/** The hook that a signal stands for; undefined for one that only the platform made. */
export function hookOf(signal: AbortSignal): SystemHook | undefined {
  return revived().get(signal)?.hook;
}

/** A signal that leaves this process, and the token by which this process aborts what is made of it elsewhere. */
export interface Minted {
  readonly signal: AbortSignal;
  readonly token: string;
}

/**
 * Gives each signal that is written a token of its own, and notes it in `minted`. One that came from the run that the
 * payload goes to is the same signal there.
 */
export function mintingInto(minted: Minted[], runId?: string): WriteSignal {
  return (signal) => {
    const hook = hookOf(signal);
    if (hook !== undefined && hook.runId === runId) return hook;
    if (signal.aborted) return undefined;
    const known = minted.find((one) => one.signal === signal);
    if (known !== undefined) return { token: known.token };
    const token = SYSTEM_TOKEN + randomHex(16);
    minted.push({ signal, token });
    return { token };
  };
}
