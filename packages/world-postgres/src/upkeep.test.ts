import { onTestFinished, expect, test } from "vitest";
import { cleanup } from "./index.ts";
import { freshName, poolFor, SERVER } from "./fixtures/server.ts";
import { begin, end, openScene } from "./fixtures/scene.ts";
import { sqlFor } from "./database/sql.ts";
import { createUpkeep, whileAnyWorks } from "./upkeep.ts";
import type { Liveness } from "./leases.ts";
import { createWorld } from "./world.ts";

const LIVENESS: Liveness = { begin: async () => null, end: async () => {}, beat: () => {}, dead: () => [] };
const MINUTE_MS = 60_000;

test("a process removes what is over once a minute while it has workers", async () => {
  const { world, data, rows } = await openScene();
  const { clock } = data;
  const core = data.core();
  const upkeep = createUpkeep(core, 5_000);
  onTestFinished(() => upkeep.stop());
  const liveness = whileAnyWorks(LIVENESS, upkeep);
  for (let n = 1; n <= 3; n += 1) await end(world, await begin(world, n), clock.now());
  clock.advance(MINUTE_MS);
  await liveness.begin(1);
  await liveness.begin(2);
  await liveness.end(1);
  expect(await rows("runs")).toBe(3);
  clock.advance(MINUTE_MS);
  await expect.poll(() => rows("runs")).toBe(0);
  await expect.poll(() => rows("events")).toBe(0);
  await liveness.end(2);
  await end(world, await begin(world, 4), clock.now());
  clock.advance(10 * MINUTE_MS);
  await core.database.close();
  expect(await rows("runs")).toBe(1);
});

test("cleanup does the same at any time, by the time of the database", async () => {
  const schema = freshName();
  const connectionString = SERVER;
  const world = await createWorld({ connectionString, schema });
  await world.close();
  const insert = sqlFor(schema)(
    "test ended",
    `INSERT INTO {schema}.runs (run_id, workflow_name, code, seed, status, created_at, ended_at, length, turn, epoch)
     SELECT 'run ' || n, 'w', 1, '', 'completed', 0, extract(epoch FROM now() - n * interval '1 hour') * 1000, 1, 1, 1
     FROM generate_series(1, 240) n`,
  );
  await poolFor().query(insert, []);
  const nothing = { keys: 0, held: 0, answers: 0, hooks: 0 };
  expect(await cleanup({ connectionString, schema })).toEqual({ ...nothing, runs: 0 });
  const both = await Promise.all([1, 2].map(() => cleanup({ connectionString, schema, retention: "5 days" })));
  expect(both.reduce((sum, { runs }) => sum + runs, 0)).toBe(121);
  expect(await cleanup({ connectionString, schema, retention: "1h", signal: AbortSignal.abort() })).toEqual({
    ...nothing,
    runs: 100,
  });
});

test("cleanup refuses a schema that is not there", async () => {
  const missing = cleanup({ connectionString: SERVER, schema: freshName() });
  await expect(missing).rejects.toMatchObject({ code: "WORLD_FAILED" });
});
