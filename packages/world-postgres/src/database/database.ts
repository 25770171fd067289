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

/** A pool of connections to one database. Failures come as `WorkflowWorldError`, see `failures.ts`. */
export interface Database extends Queries {
  /**
   * Has `task` use one connection within one transaction, which is committed when it resolves and rolled back when it
   * rejects.
   */
  transaction<T>(task: (connection: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
