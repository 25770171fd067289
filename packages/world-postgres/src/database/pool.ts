import pg from "pg";
import type { Database, Queries, Statement, Value } from "./database.ts";

export interface PoolOptions {
  readonly connectionString?: string;
  /** Of the caller, who closes it. */
  readonly pool?: pg.Pool;
}

export function openPool(options: PoolOptions): Database {
  const pool = options.pool ?? new pg.Pool({ connectionString: options.connectionString, types: TYPES });
  return {
    query: (statement, values) => run(pool, statement, values),
    async transaction(task) {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        const result = await task({ query: (statement, values) => run(client, statement, values) } as Queries);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
    close: async () => {
      if (options.pool === undefined) await pool.end();
    },
  };
}

const BIGINT = 20;

/** Numbers of rows and sizes stay below 2 ** 53. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: "text") =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig["getTypeParser"],
};

async function run<R>(
  target: pg.Pool | pg.PoolClient,
  statement: Statement,
  values: readonly Value[],
): Promise<readonly R[]> {
  const { rows } = await target.query({ ...statement, values: [...values] });
  return rows as R[];
}
