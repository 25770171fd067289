import type { Clock } from "workflow/world";
import type { Hints, Keys, Open } from "workflow/world-parts";
import type { Database } from "./database/database.ts";
import type { Sql } from "./database/sql.ts";

/** What all methods of one PostgreSQL World share. */
export interface Core {
  readonly clock: Clock;
  readonly database: Database;
  readonly schema: string;
  /** Makes statements for the World's schema. */
  readonly sql: Sql;
  readonly hints: Hints;
  readonly keys: Keys;
  readonly open: Open;
  /** Whether what hints may have missed is looked for once a second: not where time is a test's. */
  readonly poll: boolean;
  /** Aborts when the World closes. */
  readonly closing: AbortController;
  /** Makes a method of a task: refused after `close`. */
  method<A extends readonly unknown[], R>(task: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
}
