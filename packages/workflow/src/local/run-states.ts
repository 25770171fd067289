import type { DatabaseSync } from "node:sqlite";
import { type KnownState, stateOf } from "../world-parts/known-state.ts";
import type { EventRow } from "../world-parts/rows.ts";
import { createStateCache, type StateCache } from "../world-parts/state-cache.ts";
import { ofRunSql, POSITION_SQL } from "./event-keys.ts";

/** The states of runs, by their keys. */
export interface RunStates extends Pick<StateCache<number>, "begin" | "forget" | "forgetAll"> {
  of(run: number, runId: string, length: number, generation: number): KnownState;
}

export function prepareRunStates(db: DatabaseSync): RunStates {
  const history = db.prepare(`
    SELECT ${POSITION_SQL}, type, correlation_id, turn, at, data, NULL AS payload FROM events
    WHERE ${ofRunSql(":run")} ORDER BY id`);
  const { find, remember, begin, forget, forgetAll } = createStateCache<number>();

  return {
    of(run, runId, length, generation) {
      const kept = find(run);
      const isRight = kept?.length === length && (kept.entities.run?.generation ?? 0) === generation;
      const state = isRight ? kept : stateOf(runId, history.all({ run }) as unknown as EventRow[]);
      remember(run, state);
      return state;
    },
    begin,
    forget,
    // To be called when a transaction was rolled back: some states may be ahead of their histories.
    forgetAll,
  };
}
