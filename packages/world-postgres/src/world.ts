import { type Clock, WorkflowWorldError, type World } from "workflow/world";
import { createHints, readKeys } from "workflow/world-parts";
import { assembleWorld, createOpen } from "./assemble.ts";
import { createDatabaseClock } from "./clock.ts";
import type { Core } from "./core.ts";
import { databaseTime } from "./database-time.ts";
import type { Database } from "./database/database.ts";
import { openPool } from "./database/pool.ts";
import { sqlFor } from "./database/sql.ts";
import { createCountedLiveness, createWatchedLiveness } from "./liveness.ts";
import { openMembership } from "./membership.ts";
import { checkVersion, migrate } from "./migrations/migrate.ts";
import { createPeers, type DatabasePeers, NO_PEERS } from "./peers.ts";
import { readRetention, type RetentionOption } from "./retention.ts";
import { type ConnectionOptionsOfWorld, readSettings, type Settings } from "./settings.ts";
import { createUpkeep, whileAnyWorks } from "./upkeep.ts";

export interface PostgresWorldOptions extends ConnectionOptionsOfWorld, RetentionOption {
  /**
   * Encrypts payloads at rest. Each key is 32 bytes in hex, base64 or base64url; the last one writes, all of them read.
   * Default: `WORKFLOW_ENCRYPTION_KEY`, separated by commas, else none.
   */
  readonly encryptionKeys?: readonly string[];
  /** For tests. Default: one that goes by the database's time. */
  readonly clock?: Clock;
}

/**
 * Opens the World on a PostgreSQL database (13 or later), in a schema of its own.
 * @throws `WorkflowWorldError` `WORLD_FAILED` when the server cannot be used, or its schema is not of the version that
 *   this package needs; `INVALID_ARGUMENT` for a malformed option.
 */
export async function createWorld(options: PostgresWorldOptions = {}): Promise<World> {
  const settings = readSettings(options);
  const keys = readKeys(options.encryptionKeys);
  const retentionMs = readRetention(options);
  const database = openPool(settings.pool);
  try {
    await database.session(async (client) => {
      await (settings.migrate ? migrate(client, settings.schema) : checkVersion(client, settings.schema));
    });
    if (options.clock !== undefined) return openAlone(settings, database, keys, options.clock);
    return await openShared(settings, database, keys, retentionMs);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Time is a test's: nothing may depend on how fast messages are, and nothing beats by itself. */
function openAlone({ schema }: Settings, database: Database, keys: Core["keys"], clock: Clock): World {
  const core = createCore({ schema, database, keys, clock, peers: NO_PEERS, poll: false });
  return assembleWorld(core, createCountedLiveness(clock), () => database.close());
}

async function openShared(
  { schema, listener }: Settings,
  database: Database,
  keys: Core["keys"],
  retentionMs: number | undefined,
): Promise<World> {
  const sql = sqlFor(schema);
  const clock = createDatabaseClock(await databaseTime(database));
  const peers = createPeers({ database, sql, schema, onHint: (hint) => core.hints.hear(hint) });
  const core = createCore({ schema, database, keys, clock, peers, poll: true });
  const membership = await openMembership({
    listener,
    schema,
    onNotification: peers.hear,
    onListeners: peers.listeners,
    onTime: clock.sync,
    onLoss: () => liveness.beatAll(),
    onReturn() {
      liveness.watch.cutOff();
      core.hints.look();
    },
  });
  const liveness = createWatchedLiveness(core, membership);
  const upkeep = createUpkeep(core, retentionMs);
  return assembleWorld(core, whileAnyWorks(liveness, upkeep), async () => {
    upkeep.stop();
    liveness.watch.stop();
    await membership.close();
    await database.close();
  });
}

function createCore(parts: {
  readonly schema: string;
  readonly database: Database;
  readonly keys: Core["keys"];
  readonly clock: Clock;
  readonly peers: DatabasePeers;
  readonly poll: boolean;
}): Core {
  const { schema, database, keys, clock, peers, poll } = parts;
  const closing = new AbortController();
  return {
    clock,
    database,
    schema,
    sql: sqlFor(schema),
    hints: createHints(() => peers),
    keys,
    open: createOpen(keys),
    poll,
    closing,
    method:
      (task) =>
      async (...args): Promise<Awaited<ReturnType<typeof task>>> => {
        if (closing.signal.aborted) throw new WorkflowWorldError("WORLD_CLOSED", "The World is closed");
        return await task(...args);
      },
  };
}
