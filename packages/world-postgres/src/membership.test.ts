import { expect, onTestFinished, test } from "vitest";
import type { Database } from "./database/database.ts";
import { sqlFor } from "./database/sql.ts";
import { type Gate, gateTo } from "./fixtures/gate.ts";
import { freshSchema, poolFor, SERVER } from "./fixtures/server.ts";
import { type Membership, type MembershipParts, openMembership } from "./membership.ts";
import { createPeers } from "./peers.ts";

interface Scene {
  readonly schema: string;
  readonly database: Database;
  /** Inserts the row of a worker, with the lock that it will hold. */
  insert(membership: Membership): Promise<number>;
  /** Beats, and whether nobody holds the lock. */
  look(id: number): Promise<{ beats: number; free: boolean | null }>;
}

async function scene(): Promise<Scene> {
  const schema = await freshSchema();
  const database = poolFor();
  const sql = sqlFor(schema);
  const insert = sql("test worker", "INSERT INTO {schema}.workers (worker) VALUES ($1) RETURNING id");
  const setLock = sql("test set lock", "UPDATE {schema}.workers SET lock = $2 WHERE id = $1");
  const look = sql(
    "test look",
    "SELECT beats, pg_try_advisory_xact_lock_shared(lock) AS free FROM {schema}.workers WHERE id = $1",
  );
  return {
    schema,
    database,
    async insert(membership) {
      const [row] = await database.query<{ id: number }>(insert, [`wrkr_${Math.random()}`]);
      const { id } = row as { id: number };
      await database.query(setLock, [id, membership.lockOf(id)]);
      return id;
    },
    async look(id) {
      const [row] = await database.query<{ beats: number; free: boolean | null }>(look, [id]);
      return row as { beats: number; free: boolean | null };
    },
  };
}

async function open(schema: string, parts: Partial<MembershipParts> = {}): Promise<Membership> {
  const membership = await openMembership({
    listener: { way: "same", connecting: { connectionString: SERVER } },
    schema,
    onNotification: () => {},
    onListeners: () => {},
    onLoss: () => {},
    onReturn: () => {},
    onTime: () => {},
    periodMs: 500,
    ...parts,
  });
  onTestFinished(() => membership.close());
  return membership;
}

const through = (gate: Gate): Pick<MembershipParts, "listener"> => ({
  listener: { way: "direct", connecting: { connectionString: gate.url } },
});

test("a worker that was added holds its lock and beats, and gives both up when it is removed", async () => {
  const { schema, insert, look } = await scene();
  const membership = await open(schema);
  const id = await insert(membership);
  expect(await look(id)).toEqual({ beats: 0, free: true });
  await membership.add(id);
  expect((await look(id)).free).toBe(false);
  await expect.poll(async () => (await look(id)).beats, { timeout: 5_000 }).toBeGreaterThan(0);
  await membership.remove(id);
  expect((await look(id)).free).toBe(true);
});

test("closing gives all locks up", async () => {
  const { schema, insert, look } = await scene();
  const membership = await open(schema);
  const ids = [await insert(membership), await insert(membership)];
  await Promise.all(ids.map((id) => membership.add(id)));
  await membership.close();
  await membership.close();
  for (const id of ids) await expect.poll(async () => (await look(id)).free).toBe(true);
  await expect(membership.add(ids[0] as number)).rejects.toMatchObject({ code: "WORLD_FAILED" });
});

test("a worker beats while the main thread computes", async () => {
  const { schema, insert, look } = await scene();
  const membership = await open(schema);
  const id = await insert(membership);
  await membership.add(id);
  const before = (await look(id)).beats;
  const until = performance.now() + 1_200;
  while (performance.now() < until);
  expect((await look(id)).beats).toBeGreaterThan(before);
});

test("a worker whose row says that it is gone beats no more", async () => {
  const { schema, database, insert, look } = await scene();
  let beaten = 0;
  const membership = await open(schema, { onTime: () => void beaten++ });
  const id = await insert(membership);
  await database.query(sqlFor(schema)("test bury", "UPDATE {schema}.workers SET gone = true WHERE id = $1"), [id]);
  await membership.add(id);
  const then = beaten;
  await expect.poll(() => beaten, { timeout: 5_000 }).toBeGreaterThan(then);
  expect((await look(id)).beats).toBe(0);
});

test("after its connection was cut it has its locks again at once, and hears again", async () => {
  const { schema, database, insert, look } = await scene();
  const gate = await gateTo();
  const heard: string[] = [];
  let returned = 0;
  const membership = await open(schema, {
    ...through(gate),
    onNotification: (payload) => heard.push(payload),
    onReturn: () => void returned++,
  });
  const id = await insert(membership);
  await membership.add(id);
  const { beats } = await look(id);
  gate.cut();
  const cutAt = performance.now();
  await expect.poll(() => returned, { interval: 5 }).toBe(1);
  await expect.poll(async () => (await look(id)).free, { interval: 5 }).toBe(false);
  expect(performance.now() - cutAt).toBeLessThan(1_000);
  await expect.poll(async () => (await look(id)).beats).toBeGreaterThan(beats);
  const peers = createPeers({ database, sql: sqlFor(schema), schema, onHint: () => {} });
  peers.tell({ kind: "ended", runId: "wrun_1" }, null);
  await expect.poll(() => heard.some((payload) => payload.includes("wrun_1"))).toBe(true);
});

test("a session that somebody terminates comes back with its locks", async () => {
  const { schema, database, insert, look } = await scene();
  let returned = 0;
  const membership = await open(schema, { onReturn: () => void returned++ });
  const id = await insert(membership);
  await membership.add(id);
  const terminate = sqlFor(schema)(
    "test terminate",
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock'
     AND (classid::bigint << 32) | objid::bigint = $1`,
  );
  expect(await database.query(terminate, [membership.lockOf(id) as number])).toHaveLength(1);
  await expect.poll(() => returned).toBe(1);
  await expect.poll(async () => (await look(id)).free).toBe(false);
});

test("a worker that is added while the server is away has its lock when that is back", async () => {
  const { schema, insert, look } = await scene();
  const gate = await gateTo();
  const membership = await open(schema, through(gate));
  const id = await insert(membership);
  await gate.shut();
  const added = membership.add(id);
  expect((await look(id)).free).toBe(true);
  await gate.open();
  await added;
  expect((await look(id)).free).toBe(false);
});

test("a connection that is dead without anybody having said so is replaced", async () => {
  const { schema, insert, look } = await scene();
  const gate = await gateTo();
  let returned = 0;
  const membership = await open(schema, { ...through(gate), onReturn: () => void returned++ });
  const id = await insert(membership);
  await membership.add(id);
  const { beats } = await look(id);
  gate.freeze();
  await expect.poll(() => returned, { timeout: 10_000 }).toBe(1);
  await expect.poll(async () => (await look(id)).beats, { timeout: 10_000 }).toBeGreaterThan(beats);
});

test("without a session there are beats and time, and no locks", async () => {
  const { schema, insert, look } = await scene();
  const counts: (number | null)[] = [];
  let times = 0;
  const membership = await open(schema, {
    listener: { way: "off", connecting: { connectionString: SERVER } },
    onListeners: (count) => counts.push(count),
    onTime: () => void times++,
  });
  const id = await insert(membership);
  expect(membership.lockOf(id)).toBeNull();
  await membership.add(id);
  await expect.poll(async () => (await look(id)).beats, { timeout: 5_000 }).toBeGreaterThan(0);
  expect((await look(id)).free).toBeNull();
  expect([times > 0, counts]).toEqual([true, []]);
  await membership.remove(id);
});

test("how many listen is known as soon as another one does", async () => {
  const { schema, database } = await scene();
  const sql = sqlFor(schema);
  const heard: unknown[] = [];
  const counts: (number | null)[] = [];
  const peers = createPeers({ database, sql, schema, onHint: (hint) => heard.push(hint) });
  await open(schema, {
    onListeners(count) {
      counts.push(count);
      peers.listeners(count);
    },
    onNotification: peers.hear,
  });
  await expect.poll(() => counts).toEqual([1]);
  const others: string[] = [];
  // Alone: nobody is told.
  peers.tell({ kind: "ended", runId: "wrun_1" }, null);
  await open(schema, { onNotification: (payload) => others.push(payload) });
  await expect
    .poll(() => {
      peers.tell({ kind: "ended", runId: "wrun_2" }, null);
      return others.some((payload) => payload.includes("wrun_2"));
    })
    .toBe(true);
  expect(others.some((payload) => payload.includes("wrun_1"))).toBe(false);
});

test("who cannot be let in is told so when it begins", async () => {
  const url = new URL(SERVER);
  url.pathname = "/no_such_database";
  await expect(
    open("test", { listener: { way: "direct", connecting: { connectionString: url.href } } }),
  ).rejects.toMatchObject({ code: "WORLD_FAILED", message: expect.stringContaining("does not have this database") });
});
