import { randomUUID } from "node:crypto";
import { createTestClock } from "@workflow/world/testkit";
import { Client } from "pg";
import { expect, test } from "vitest";
import type { World } from "workflow/world";
import { openPool } from "./database/pool.ts";
import { inSchema, sqlFor } from "./database/sql.ts";
import { doEverything } from "./fixtures/everything.ts";
import { MODES } from "./fixtures/plans.ts";
import { CODE, newRun } from "./fixtures/scene.ts";
import { freshName, SERVER } from "./fixtures/server.ts";
import { migrate } from "./migrations/migrate.ts";
import { createRemoval, FIRST_PLACE } from "./removal.ts";
import { createWorld } from "./world.ts";

/** Tables with so few rows that an index is no help. */
const SMALL = ["code", "workers", "meta", "remains", "offers"];

/**
 * So few that the server, which takes a list for one of 100, would rather read the table as a whole: later it would not, and
 * the sizes that it knows of may be old.
 */
const ROWS = 6_000;

/** Of an index, at most as many entries are read for all of it. */
const MOST_READ = ROWS / 2;

/** Rows in all large tables, of which nothing is to be found: no run is due, no end is old. */
const FILL = [
  `INSERT INTO {schema}.runs (run_id, workflow_name, code, seed, status, created_at, ended_at, length, turn, epoch, due_at)
   SELECT 'run ' || n, 'w', 1, '', 'running', 0, CASE WHEN n % 2 = 0 THEN 1e15 END, 1, 1, 1, CASE WHEN n % 2 = 1 THEN 1e15 END
   FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.events (run, position, type, turn, at) SELECT n, 1, 'run_created', 1, 0 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.inbox (run, id, type, at)
   SELECT n, nextval('{schema}.facts'), 'wait_completed', 0 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.attributes (run, key, value) SELECT n, '"plan"', '"pro"' FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.hooks (token, hook_id, run, event, is_webhook, created_at)
   SELECT 'token ' || n, 'hook_' || n, n, 1, false, 0 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.held (id, token, at, accepted_at, until, size)
   SELECT nextval('{schema}.facts'), 'token ' || n, 0, 0, 1e15, 0 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.keys (token, key, run, hook_id, event, accepted_at, looked_at)
   SELECT 'token ' || n, 'key', n, 'hook_' || n, 1, 1e15, 1e15 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.answers (request_id, answer, at) SELECT 'request ' || n, '', 1e15 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.awaited (target, run, step_id) SELECT 'target ' || n, n, 's' FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO {schema}.streams (run, name, length, closed, fed_at)
   SELECT n, 'stream', 1, false, 0 FROM generate_series(1, ${ROWS}) n`,
  "INSERT INTO {schema}.chunks (stream, first, packed, sealed) SELECT id, 0, '', false FROM {schema}.streams",
];

/** A second time, with what the first has left. */
const ROUNDS = 2;

test.each(MODES)(
  "nothing that a World does reads a large table from end to end (%s plans)",
  async (mode) => {
    const schema = freshName();
    const name = `scans ${randomUUID()}`;
    const url = new URL(SERVER);
    url.searchParams.set("application_name", name);
    url.searchParams.set("options", `-c plan_cache_mode=force_${mode}_plan -c track_functions=all`);
    await fill(url.href, schema);
    await ended(name);
    const before = await readsOf(schema);

    const clock = createTestClock();
    const world = await createWorld({ connectionString: url.href, schema, clock });
    await doEverything(world, clock, ROUNDS);
    await startWithin(world, url.href);
    await world.close();
    const database = openPool({ connectionString: url.href });
    const removal = createRemoval(database, sqlFor(schema));
    // As after an answer that was lost.
    const known = JSON.stringify(Array.from({ length: 100 }, (_, n) => `wrun_${n}`));
    await database.query(sqlFor(schema)("release", "SELECT {schema}.release_unknown($1, $2::jsonb)"), [0, known]);
    for (let round = 0; round < ROUNDS; round += 1) {
      await removal.forget(clock.now());
      await removal.deleteRuns(clock.now(), clock.now(), FIRST_PLACE);
      await removal.clearRemains();
    }
    await database.close();

    await ended(name);
    // Before version 15 a process of its own collects what was counted.
    await expect.poll(() => uncalled(schema), { timeout: 10_000 }).toEqual([]);
    const after = await readsOf(schema);
    const costly = [...after].filter(([table, { scans, rows }]) => {
      const { scans: scansBefore = 0, rows: rowsBefore = 0 } = before.get(table) ?? {};
      return !SMALL.includes(table) && (scans > scansBefore || rows - rowsBefore > MOST_READ);
    });
    expect(costly).toEqual([]);
  },
  60_000,
);

/** A run is created within a transaction of the caller's. */
async function startWithin(world: World, connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query("BEGIN");
  await world.code.put(CODE);
  await world.createRun(newRun(2_000_000), undefined, { tx: client });
  await client.query("COMMIT");
  await client.end();
}

async function fill(connectionString: string, schema: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await migrate(client, schema);
  for (const text of FILL) await client.query(inSchema(text, schema));
  // Otherwise it is chance whether the server has got round to it.
  const { rows } = await client.query("SELECT relname FROM pg_stat_user_tables WHERE schemaname = $1", [schema]);
  for (const { relname } of rows) await client.query(inSchema(`ANALYZE {schema}.${relname}`, schema));
  await client.end();
}

async function ask<R extends object>(text: string, value: string): Promise<readonly R[]> {
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  const { rows } = await client.query<R>(text, [value]);
  await client.end();
  return rows;
}

/** What connections have counted is known once they have ended. */
async function ended(name: string): Promise<void> {
  await expect.poll(() => ask("SELECT 1 FROM pg_stat_activity WHERE application_name = $1", name)).toEqual([]);
}

interface Reads {
  /** From one end of the table to the other. */
  readonly scans: number;
  /** Entries of its indexes. */
  readonly rows: number;
}

async function readsOf(schema: string): Promise<ReadonlyMap<string, Reads>> {
  const tables = await ask<Reads & { readonly name: string }>(
    `SELECT t.relname AS name, t.seq_scan::float8 AS scans, sum(i.idx_tup_read)::float8 AS rows
     FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
     WHERE t.schemaname = $1 GROUP BY t.relname, t.seq_scan ORDER BY 1`,
    schema,
  );
  return new Map(tables.map(({ name, scans, rows }) => [name, { scans, rows }]));
}

/** Functions of the schema that nothing has called, so that nothing is known of what they read. */
async function uncalled(schema: string): Promise<readonly string[]> {
  const rows = await ask<{ readonly name: string }>(
    `SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     JOIN pg_language l ON l.oid = p.prolang LEFT JOIN pg_stat_user_functions f ON f.funcid = p.oid
     WHERE n.nspname = $1 AND l.lanname = 'plpgsql' AND f.funcid IS NULL ORDER BY 1`,
    schema,
  );
  return rows.map(({ name }) => name);
}
