import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "workflow/world";
import type { Database } from "./database/database.ts";
import { type Sql, sqlFor } from "./database/sql.ts";
import { type DeathWatch, watchForDeath } from "./death-watch.ts";
import { freshSchema, poolFor, SERVER } from "./fixtures/server.ts";
import type { Dead } from "./silence.ts";

interface Scene {
  readonly database: Database;
  readonly sql: Sql;
  /** A worker of another process, with a lock that it holds until its connection ends. */
  other(lock: number | null): Promise<{ readonly id: number; readonly process: Client }>;
}

const OLD_ENOUGH = `
  SELECT pg_sleep(greatest(extract(epoch FROM pg_postmaster_start_time() + interval '3.1 s' - clock_timestamp()), 0))`;

const lockNumber = (): number => Math.floor(Math.random() * 2 ** 48);

async function scene(): Promise<Scene> {
  const schema = await freshSchema();
  const database = poolFor();
  const sql = sqlFor(schema);
  // Of a server that has just started, nothing is said about locks.
  await database.query(sql("test age", OLD_ENOUGH), []);
  const insert = sql(
    "test worker",
    "INSERT INTO {schema}.workers (worker, lock, beats) VALUES ($1, $2, 7) RETURNING id",
  );
  return {
    database,
    sql,
    async other(lock) {
      const process = new Client(SERVER);
      onTestFinished(() => process.end());
      await process.connect();
      if (lock !== null) await process.query("SELECT pg_advisory_lock($1)", [lock]);
      const [row] = await database.query<{ id: number }>(insert, [`wrkr_${Math.random()}`, lock]);
      return { id: (row as { id: number }).id, process };
    },
  };
}

interface Watching {
  readonly watch: DeathWatch;
  readonly found: Dead[];
  /** Begun, and answered. */
  readonly begun: () => number;
  readonly looks: () => number;
}

function watching({ database, sql }: Scene, own: number[]): Watching {
  const found: Dead[] = [];
  let [begun, looks] = [0, 0];
  const watch = watchForDeath({
    database: {
      ...database,
      async query(statement, values) {
        begun++;
        const rows = await database.query(statement, values);
        looks++;
        return rows as never;
      },
    },
    sql,
    clock: systemClock(),
    own: () => own,
    onDead: async (dead) => void found.push(...dead),
  });
  onTestFinished(() => watch.stop());
  watch.start();
  return { watch, found, begun: () => begun, looks: () => looks };
}

async function after(looks: number, { looks: so }: Watching): Promise<void> {
  const until = so() + looks;
  await expect.poll(so, { timeout: 15_000 }).toBeGreaterThanOrEqual(until);
}

test("a worker whose process dies is found within a second, with its beats, and no other", async () => {
  const made = await scene();
  const [dying, alive, own] = [await made.other(lockNumber()), await made.other(lockNumber()), await made.other(null)];
  const seen = watching(made, [own.id]);
  await after(4, seen);
  expect(seen.found).toEqual([]);
  await dying.process.end();
  const since = performance.now();
  await expect.poll(() => seen.found, { interval: 10 }).toEqual([{ id: dying.id, beats: 7 }]);
  expect(performance.now() - since).toBeLessThan(1_000);
  expect(seen.found.some(({ id }) => id === alive.id)).toBe(false);
});

test("observers do not take each other for the worker", async () => {
  const made = await scene();
  const [dead, own] = [await made.other(lockNumber()), await made.other(null)];
  await dead.process.end();
  const all = Array.from({ length: 5 }, () => watching(made, [own.id]));
  for (const { found } of all) await expect.poll(() => found.length, { timeout: 3_000 }).toBeGreaterThan(0);
});

test("an observer that was cut off itself leaves the others the time to come back", async () => {
  const made = await scene();
  const lock = lockNumber();
  const [cut, own] = [await made.other(lock), await made.other(null)];
  const seen = watching(made, [own.id]);
  await after(1, seen);
  await cut.process.end();
  seen.watch.cutOff();
  await after(8, seen);
  expect(seen.found).toEqual([]);
  await expect.poll(() => seen.found.length, { timeout: 5_000 }).toBeGreaterThan(0);
});

test("who could not look believes in nobody's death before it can again", async () => {
  const made = await scene();
  const [cut, own] = [await made.other(lockNumber()), await made.other(null)];
  let away = false;
  let failed = 0;
  const seen = watching(
    {
      ...made,
      database: {
        ...made.database,
        query(statement, values) {
          if (away) failed++;
          return away ? Promise.reject(new Error("away")) : made.database.query(statement, values);
        },
      },
    },
    [own.id],
  );
  await after(1, seen);
  await cut.process.end();
  away = true;
  await expect.poll(() => failed).toBe(2);
  away = false;
  await after(8, seen);
  expect(seen.found).toEqual([]);
});

test("a World without workers of its own does not look, and begins when it has one", async () => {
  const made = await scene();
  const own: number[] = [];
  const seen = watching(made, own);
  expect(seen.begun()).toBe(0);
  own.push((await made.other(null)).id);
  seen.watch.start();
  seen.watch.start();
  expect(seen.begun()).toBe(1);
  await after(2, seen);
});
