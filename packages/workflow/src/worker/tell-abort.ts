import { serializeThrown } from "../serialization/serialize.ts";
import { isEnded } from "../world/reduce.ts";
import { ABORT_KEY } from "../world/system-token.ts";
import type { NewFact, World } from "../world/world.ts";
import { createPatience } from "./patience.ts";
import { workerFor } from "./registry.ts";

/** How long an abort is kept for a run that has not registered the hook yet, in milliseconds: seven days. */
const HOLD_MS = 7 * 24 * 60 * 60 * 1000;

/** The hook that an abort is for: by its token, of this run if that is known. */
export interface Addressee {
  readonly token: string;
  readonly runId?: string;
}

export function reasonOf(signal: AbortSignal, token: string): string {
  return serializeThrown(signal.reason, { what: "abort reason", of: token });
}

/**
 * Gives the reason of an abort to a hook, once for all who abort the signal. Resolves when it is durable, or when there
 * is nobody any more who could be aborted; never rejects. As long as the World fails it is tried again.
 */
export async function tellAbort(world: World, to: Addressee, reason: string): Promise<void> {
  const patience = createPatience(world.clock, { isStopping: () => false, onProblem: () => {} });
  await patience(to.runId ?? "", () => deliver(world, to, reason));
}

async function deliver(world: World, { token, runId }: Addressee, payload: string): Promise<void> {
  const at = world.clock.now();
  const fact: NewFact & { readonly type: "hook_received" } = { type: "hook_received", data: {}, payload, at };
  const once = { idempotencyKey: ABORT_KEY };
  const delivery = await (workerFor(world)?.receive(token, fact, once) ?? world.deliver({ token }, fact, once));
  if (delivery.status !== "nobody") return;
  // Before the hook is there it is kept; after the end of the run it means nothing.
  if (runId !== undefined && isEnded(await world.runs.get(runId, { resolveData: "none" }))) return;
  await world.deliver({ token }, fact, { ...once, holdUntil: at + HOLD_MS });
}
