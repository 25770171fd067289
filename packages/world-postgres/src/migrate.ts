import { openPool } from "./database/pool.ts";
import { migrate as bringUpToDate, VERSION } from "./migrations/migrate.ts";
import { type ConnectionOptionsOfWorld, readSettings } from "./settings.ts";

export type MigrateOptions = Pick<ConnectionOptionsOfWorld, "connectionString" | "schema" | "ssl">;

export interface Migrated {
  readonly schema: string;
  /** The version of the schema before; 0 when there was none. */
  readonly from: number;
  readonly to: number;
}

/**
 * Creates the schema of a namespace, or brings it up to date. To be run before a deployment whose processes must not do
 * so themselves (`WORKFLOW_POSTGRES_MIGRATE=off`). Safe to run at any time and any number of times at once.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when the server cannot be used, the role may not create, or a newer version
 *   of the package wrote the schema; `INVALID_ARGUMENT` for a malformed option.
 */
export async function migrate(options: MigrateOptions = {}): Promise<Migrated> {
  const { schema, pool } = readSettings(options);
  const database = openPool(pool);
  try {
    return { schema, from: await database.session((client) => bringUpToDate(client, schema)), to: VERSION };
  } finally {
    await database.close();
  }
}
