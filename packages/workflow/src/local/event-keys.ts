import { MOST_EVENTS } from "../world-parts/draft.ts";

/**
 * An event's key is its run's key and its position in one integer: a history is then one dense range of a table
 * in key order, which SQLite appends to with half the page writes of a table keyed by both.
 */
const POSITION_BITS = 24;

/** SQL for the position of an event, from its key. Run keys stay below 2 ** 29, so that keys are safe integers. */
export const POSITION_SQL: string = `(id & ${MOST_EVENTS}) AS position`;

export function eventKey(run: number, position: number): number {
  return run * 2 ** POSITION_BITS + position;
}

/** SQL for the key of an event, from SQL for the run's key and for the position. */
export function eventKeySql(run: string, position: string): string {
  return `((${run} << ${POSITION_BITS}) + ${position})`;
}

/** SQL that is true for the events of a run. `run` is SQL for the run's key. */
export function ofRunSql(run: string): string {
  return `id BETWEEN ${eventKeySql(run, "1")} AND ${eventKeySql(run, String(MOST_EVENTS))}`;
}

/** SQL for the key of the run whose id is the parameter `:runId`. */
export const RUN_KEY_SQL = "(SELECT id FROM runs WHERE run_id = :runId)";
