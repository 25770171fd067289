import { type Clock, LEASE_TTL_MS, systemClock, WorkflowWorldError, type World } from "workflow/world";
import { createHints, readKeys } from "workflow/world-parts";
import pg from "pg";
import type { Core } from "./core.ts";
import { openPool } from "./database/pool.ts";
import { sqlFor } from "./database/sql.ts";
import { migrate } from "./migrations/migrate.ts";
import { assembleWorld, createOpen } from "./world.ts";
import { type Liveness } from "./leases.ts";

export async function scratchWorld(url: string, schema: string, clock?: Clock): Promise<World> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await migrate(client, schema);
  await client.end();
  const database = openPool({ connectionString: url });
  const closing = new AbortController();
  const keys = readKeys();
  const time = clock ?? systemClock();
  const hints = createHints(() => ({ announce: () => {}, tell: () => {} }));
  const core: Core = {
    clock: time,
    database,
    sql: sqlFor(schema),
    hints,
    keys,
    open: createOpen(keys),
    poll: clock === undefined,
    closing,
    method:
      (task) =>
      async (...args) => {
        if (closing.signal.aborted) throw new WorkflowWorldError("WORLD_CLOSED", "The World is closed");
        return await task(...args);
      },
  };
  const seen = new Map<number, { beats: number; since: number }>();
  const liveness: Liveness = {
    begin: async () => null,
    end: async (row) => void seen.delete(row),
    beat: (row, beats) => void seen.set(row, { beats, since: time.elapsed() }),
    dead: () =>
      [...seen].filter(([, s]) => time.elapsed() - s.since >= LEASE_TTL_MS).map(([row, s]) => [row, s.beats] as const),
  };
  return assembleWorld(core, liveness, async () => await database.close());
}
