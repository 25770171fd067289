import { ANSWER_MEMORY_MS, DROPPED_MEMORY_MS, KEY_MEMORY_MS } from "workflow/world";
import type { Queries, Statement } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";

/** How much was removed. */
export interface Removed {
  /** Runs, with all that was theirs. */
  readonly runs: number;
  /** Idempotency keys that need not be remembered any more. */
  readonly keys: number;
  /** Payloads that nobody claimed in time, some days after that. */
  readonly held: number;
  /** Answers to requests. */
  readonly answers: number;
  /** Tokens that runs which have ended had kept to themselves for some time. */
  readonly hooks: number;
}

/** Runs are walked through in the order of their ends. */
export interface Place {
  readonly end: number;
  readonly id: number;
}

export const FIRST_PLACE: Place = { end: -Infinity, id: 0 };

/** Everything up to some size goes in one transaction. */
export interface Part {
  readonly removed: Partial<Removed>;
  /** Whether it was as much as goes at once. */
  readonly more: boolean;
  /** Where to go on among the runs. */
  readonly place?: Place;
}

/** Undefined: another process is removing. */
type Step = Promise<Part | undefined>;

/** The steps of removing what is over. Each is one short transaction. */
export interface Removal {
  /** What is kept for a time only, as of now. */
  forget(now: number): Step;
  /** Runs that ended at that time or before it, after a place. Nothing leads to their histories from then on. */
  deleteRuns(now: number, endedBy: number, after: Place): Step;
  /** Histories and streams of runs that are deleted. */
  clearRemains(): Step;
}

/** How many rows of each kind are forgotten at once, runs looked at, and events and chunks removed. */
const ROWS = 1_000;
const RUNS = 100;
const EVENTS = 5_000;

type Answer = { readonly more: boolean } & Readonly<Record<string, number>>;

export function createRemoval(database: Queries, sql: Sql): Removal {
  const forget = sql("forget", "SELECT {schema}.forget($1, $2, $3, $4, $5) AS answer");
  const deleteRuns = sql("delete_runs", "SELECT {schema}.delete_runs($1, $2, $3, $4, $5, $6) AS answer");
  const clearRemains = sql("clear_remains", "SELECT {schema}.clear_remains($1) AS answer");

  const ask = async (statement: Statement, values: readonly number[]): Promise<Answer | null> => {
    const [row] = await database.query<{ readonly answer: Answer | null }>(statement, values);
    return row?.answer ?? null;
  };

  return {
    async forget(now) {
      const before = [KEY_MEMORY_MS, DROPPED_MEMORY_MS, ANSWER_MEMORY_MS].map((ms) => now - ms);
      const answer = await ask(forget, [now, ...before, ROWS]);
      if (answer === null) return undefined;
      const { more, ...removed } = answer;
      return { removed, more };
    },
    async deleteRuns(now, endedBy, after) {
      const answer = await ask(deleteRuns, [endedBy, after.end, after.id, now, now - KEY_MEMORY_MS, RUNS]);
      if (answer === null) return undefined;
      const { runs = 0, more, end = after.end, id = after.id } = answer;
      return { removed: { runs }, more, place: { end, id } };
    },
    async clearRemains() {
      const answer = await ask(clearRemains, [EVENTS]);
      return answer === null ? undefined : { removed: {}, more: answer.more };
    },
  };
}
