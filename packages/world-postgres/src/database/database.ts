import type { ClientBase } from "pg";

/** A statement whose text never changes. It is prepared once per connection, under its name. */
export interface Statement {
  /** Unique in the package. */
  readonly name: string;
  /** Every table and function is qualified by the schema. */
  readonly text: string;
}

/** What a statement can be given. `null` is SQL's NULL; objects have to be turned into JSON by the caller. */
export type Value = string | number | bigint | boolean | Uint8Array | null | readonly (string | number)[];

/** Something that statements can be sent to: the pool, or one connection. */
export interface Queries {
  /** One round trip. `bigint` columns come as numbers, `bytea` as `Buffer`, `jsonb` as what it says. */
  query<R>(statement: Statement, values: readonly Value[]): Promise<readonly R[]>;
}

/** A connection of the driver, for statements that are said once. */
export type Session = Pick<ClientBase, "query">;

/** One connection, whose transactions are begun and ended by who has it. */
export interface Lent extends Queries {
  /** The driver's. */
  readonly client: ClientBase;
  /** `BEGIN` at the level of isolation that all of the World's statements are for. */
  begin(): Promise<void>;
  /** @throws `WorkflowWorldError` when the server rolled it back instead. */
  commit(): Promise<void>;
  /** Never rejects; a connection that cannot do it is not used any more. */
  rollback(): Promise<void>;
}

/**
 * A pool of connections to one database. Failures come as `WorkflowWorldError`, see `failures.ts`. A server that is not
 * there is waited for while nothing was sent to it; a statement that was under way when the connection broke fails at
 * once, and may have been applied.
 */
export interface Database extends Queries {
  /**
   * Has `task` use one connection within one transaction, which is committed when it resolves and rolled back when it
   * rejects. The task is begun anew where the server gave the transaction up in favour of others.
   */
  transaction<T>(task: (connection: Queries) => Promise<T>): Promise<T>;
  /** How many connections there are at most. */
  readonly most: number;
  /** Lends `task` one connection, for a transaction that others say statements in. No transaction is open afterwards. */
  lend<T>(task: (connection: Lent) => Promise<T>): Promise<T>;
  /** Has `task` use one connection, which is as it was afterwards. */
  session<T>(task: (client: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
