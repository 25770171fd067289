import { setTimeout as delay } from "node:timers/promises";
import { databaseTime } from "./database-time.ts";
import { openPool } from "./database/pool.ts";
import { sqlFor } from "./database/sql.ts";
import { checkVersion } from "./migrations/migrate.ts";
import { createRemoval, type Removed } from "./removal.ts";
import { removeOld } from "./remove-old.ts";
import { readRetention, type RetentionOption } from "./retention.ts";
import { type ConnectionOptionsOfWorld, readSettings } from "./settings.ts";

export interface CleanupOptions
  extends Pick<ConnectionOptionsOfWorld, "connectionString" | "schema" | "ssl">, RetentionOption {
  /** Ends it before all is removed; what was removed until then stays so. */
  readonly signal?: AbortSignal;
}

/** How long a process that removes as well is waited for before trying again. */
const ELSEWHERE_MS = 100;

const SHORTEST_PAUSE_MS = 10;

/**
 * Removes what is over: runs that have ended for longer than `retention`, keys, held payloads and answers whose time has
 * passed. Processes with workers do so by themselves, once a minute; this is for those who would rather do it at some hour
 * of the night. It works in transactions of bounded size, with pauses, while everything else goes on; several at once
 * take turns. Resolves, with how much it removed, when there is nothing left to remove.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when the server cannot be used, or the schema is not of the version that this
 *   package needs; `INVALID_ARGUMENT` for a malformed option.
 */
export async function cleanup(options: CleanupOptions = {}): Promise<Removed> {
  const { schema, pool } = readSettings(options);
  const retentionMs = readRetention(options);
  const { signal } = options;
  const database = openPool(pool);
  try {
    await database.session((client) => checkVersion(client, schema));
    const { time } = await databaseTime(database);
    let lastAt = performance.now();
    const pause = async (elsewhere: boolean): Promise<boolean> => {
      const ms = elsewhere ? ELSEWHERE_MS : Math.max(performance.now() - lastAt, SHORTEST_PAUSE_MS);
      await delay(ms);
      lastAt = performance.now();
      return signal?.aborted !== true;
    };
    const removal = createRemoval(database, sqlFor(schema));
    const { removed } = await removeOld({ removal, now: time, retentionMs, pause });
    return removed;
  } finally {
    await database.close();
  }
}
