import { isEnded } from "../world/reduce.ts";
import type { World } from "../world/world.ts";
import { hearAbort } from "./hear-abort.ts";
import { hookOf, type Minted } from "./host-signals.ts";
import { reasonOf, tellAbort } from "./tell-abort.ts";

/**
 * From now on, and as long as this process lives, the abort of each signal is told to what was made of it in a run. Ends
 * with the run, if it is known.
 */
export function forwardAborts(world: World, minted: readonly Minted[], runId?: string): void {
  for (const one of minted) {
    const stop = forward(world, one, runId);
    if (runId !== undefined) untilEnd(world, runId, stop);
  }
}

function forward(world: World, { signal, token }: Minted, runId: string | undefined): () => void {
  const to = { token, ...(runId !== undefined && { runId }) };
  const onAbort = (): void => void tellAbort(world, to, reasonOf(signal, token));
  // Listening begins before looking, so that no abort falls between the two.
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const hook = hookOf(signal);
  // The step that has the signal may be over long before the run that it was handed to.
  const deafen = hook === undefined ? undefined : hearAbort(world, hook, (reason) => void tellAbort(world, to, reason));
  const kept = new WeakRef(signal);
  return () => {
    kept.deref()?.removeEventListener("abort", onAbort);
    deafen?.();
  };
}

const waiting = new WeakMap<World, Map<string, Set<() => void>>>();

/** A hint that is lost costs a listener, until its signal goes. */
function untilEnd(world: World, runId: string, stop: () => void): void {
  const runs = waiting.get(world) ?? listenForEnds(world);
  const stops = runs.get(runId) ?? new Set();
  runs.set(runId, stops.add(stop));
  // It may have ended before anyone listened.
  void world.runs.get(runId, { resolveData: "none" }).then(
    (run) => isEnded(run) && end(runs, runId),
    () => undefined,
  );
}

function listenForEnds(world: World): Map<string, Set<() => void>> {
  const runs = new Map<string, Set<() => void>>();
  waiting.set(world, runs);
  world.onHint((hint) => hint.kind === "ended" && end(runs, hint.runId));
  return runs;
}

function end(runs: Map<string, Set<() => void>>, runId: string): void {
  for (const stop of runs.get(runId) ?? []) stop();
  runs.delete(runId);
}
