import type { StoredEvent } from "../world/events.ts";
import { advance, emptyState } from "../world/reduce.ts";
import type { KnownState } from "./known-state.ts";

/**
 * The state machine's view of the runs that were committed to lately, so that a turn is checked without reading
 * the history again. Within a generation a history only grows, so an entry of the right length is right, also after
 * other processes wrote.
 */
export interface StateCache<K> {
  find(run: K): KnownState | undefined;
  remember(run: K, state: KnownState): void;
  /** The state of a run that was just created, so that its first commit need not read it. */
  begin(run: K, runId: string, created: StoredEvent<"run_created">): void;
  forget(run: K): void;
  forgetAll(): void;
}

/**
 * What is kept, in events; a run itself weighs as much as {@link RUN_WEIGHT} of them. About 30 MB, and room for every
 * run that a process works on at once: beyond that, each commit reads its run's history.
 */
const KEPT_WEIGHT = 1_000_000;
const RUN_WEIGHT = 40;

export function createStateCache<K>(): StateCache<K> {
  // In the order of their last use.
  const known = new Map<K, { readonly state: KnownState; readonly weight: number }>();
  let total = 0;

  const forget = (run: K): void => {
    total -= known.get(run)?.weight ?? 0;
    known.delete(run);
  };

  const remember = (run: K, state: KnownState): void => {
    const weight = state.length + RUN_WEIGHT;
    forget(run);
    known.set(run, { state, weight });
    total += weight;
    for (const oldest of known.keys()) {
      if (total <= KEPT_WEIGHT || oldest === run) break;
      forget(oldest);
    }
  };

  return {
    find: (run) => known.get(run)?.state,
    remember,
    begin(run, runId, created) {
      const state: KnownState = { entities: emptyState(), length: 1 };
      advance(runId, state.entities, created);
      remember(run, state);
    },
    forget,
    forgetAll() {
      known.clear();
      total = 0;
    },
  };
}
