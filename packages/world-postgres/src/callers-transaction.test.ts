import { randomBytes } from "node:crypto";
import { createTestClock } from "@workflow/world/testkit";
import { Client } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Delivery, NewEvent, NewRun, World } from "workflow/world";
import { CODE, event, newRun, openPlace, said } from "./fixtures/place.ts";
import { freshName, SERVER } from "./fixtures/server.ts";
import { createWorld } from "./world.ts";

// Each has a schema of its own, which takes its time where others are busy.
vi.setConfig({ testTimeout: 60_000 });

const REFUSED = { code: "INVALID_ARGUMENT", field: "tx" };

test("a payload and the caller's rows are there together, or neither is", async () => {
  const { world, schema, begin, run, inboxOf } = await openPlace();
  const runId = await run("door");
  const client = await begin();
  await client.query(`CREATE TABLE ${schema}.own (id integer)`);
  expect(await world.deliver({ token: "door" }, said("one"), { tx: client })).toMatchObject({
    status: "delivered",
    runId,
    hook: { hookId: "hook_door" },
  });
  expect(await inboxOf(runId)).toEqual([]);
  await client.query("ROLLBACK");
  expect(await inboxOf(runId)).toEqual([]);
  await client.query("BEGIN");
  await client.query(`CREATE TABLE ${schema}.own (id integer)`);
  await world.deliver({ token: "door" }, said("two"), { tx: client });
  await client.query("COMMIT");
  expect(await inboxOf(runId)).toEqual(["two"]);
  expect(await world.lease("wrkr_a", 9)).toMatchObject([{ runId }]);
  await client.query(`SELECT FROM ${schema}.own`);
});

test("a run is created by the commit, and has no owner", async () => {
  const { world, begin } = await openPlace();
  const run = newRun();
  const client = await begin();
  expect(await world.createRun(run, undefined, { tx: client })).toEqual({ status: "created", lease: null });
  await expect(world.runs.get(run.runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await client.query("ROLLBACK");
  await expect(world.runs.get(run.runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await client.query("BEGIN");
  await world.createRun(run, undefined, { tx: client });
  await client.query("COMMIT");
  expect(await world.lease("wrkr_a", 9)).toEqual([{ runId: run.runId, worker: "wrkr_a", epoch: 1 }]);
});

test("keys and held payloads are remembered by the commit alone", async () => {
  const { world, begin, run, inboxOf } = await openPlace();
  const runId = await run("door");
  const client = await begin();
  const keyed = (payload: string): Promise<Delivery> =>
    world.deliver({ token: "door" }, said(payload), { idempotencyKey: "k", tx: client });
  const hold = (): Promise<Delivery> =>
    world.deliver({ token: "nobody's" }, said("early"), { holdUntil: 1e15, idempotencyKey: "k", tx: client });
  const startOnce = (): ReturnType<World["createRun"]> =>
    world.createRun(newRun({ idempotencyKey: "k" }), undefined, { tx: client });
  expect([await keyed("one"), await hold(), await startOnce()]).toMatchObject([
    { status: "delivered" },
    { status: "held", repeated: false },
    { status: "created" },
  ]);
  expect([await keyed("two"), await hold(), await startOnce()]).toMatchObject([
    { status: "duplicate" },
    { status: "held", repeated: true },
    { status: "exists" },
  ]);
  await client.query("ROLLBACK");
  await client.query("BEGIN");
  expect([await keyed("three"), await hold(), await startOnce()]).toMatchObject([
    { status: "delivered" },
    { status: "held", repeated: false },
    { status: "created" },
  ]);
  await client.query("COMMIT");
  expect(await inboxOf(runId)).toEqual(["three"]);
  expect((await world.held.list()).data).toHaveLength(1);
});

test("a claim resumes who has the token, or creates the run that has it from the commit on", async () => {
  const { world, begin, run, inboxOf } = await openPlace();
  const owner = await run("door");
  const client = await begin();
  const claimed = (token: string): NewRun => newRun({ claim: { token, hookId: "hook_1", fact: said(token) } });
  const [first, second] = [claimed("door"), claimed("gate")];
  expect(await world.createRun(first, undefined, { tx: client })).toMatchObject({
    status: "resumed",
    delivery: { status: "delivered", runId: owner },
  });
  expect(await world.createRun(second, undefined, { tx: client })).toMatchObject({ status: "created" });
  await client.query("COMMIT");
  expect(await inboxOf(owner)).toEqual(["door"]);
  expect(await world.deliver({ token: "gate" }, said("again"))).toMatchObject({ runId: second.runId });
});

test("who writes to the same run waits for the transaction, and nobody else does", async () => {
  const { world, begin, run, inboxOf, waiting } = await openPlace({ maxConnections: 3 });
  const runId = await run("door");
  const other = await run("gate");
  const client = await begin();
  await world.deliver({ token: "door" }, said("first"), { tx: client });
  // More than there are connections.
  const late = ["a", "b", "c", "d", "e"].map((text) => world.deliver({ token: "door" }, said(text)));
  await waiting(1);
  const outcome = { type: "step_completed", correlationId: "step_1", data: {}, payload: "f", at: 1 } as const;
  const toRun = world.deliver({ runId }, outcome);
  // In one batch with them.
  await Promise.all([
    world.deliver({ token: "gate" }, said("at once")),
    world.createRun(newRun()),
    world.deliver({ runId: other }, outcome),
  ]);
  expect(await inboxOf(other)).toEqual(["at once", "f"]);
  expect(await inboxOf(runId)).toEqual([]);
  await client.query("COMMIT");
  await Promise.all([...late, toRun]);
  const inbox = await inboxOf(runId);
  expect(inbox.filter((payload) => payload !== "f")).toEqual(["first", "a", "b", "c", "d", "e"]);
  expect(inbox.indexOf("f")).toBeGreaterThan(0);
});

test("a turn of the run waits as well, and takes in what the transaction has delivered", async () => {
  const { world, begin, own, waiting } = await openPlace();
  const lease = await own("door");
  const client = await begin();
  await world.deliver({ token: "door" }, said("first"), { tx: client });
  const created: NewEvent = {
    type: "step_created",
    correlationId: "step_1",
    data: { stepName: "s" },
    payload: "",
    at: 1,
  };
  const turn = { after: 3, entries: [event(created)], drops: [], dueAt: null };
  const committing = world.commit(lease, turn);
  await waiting(1);
  await client.query("COMMIT");
  expect(await committing).toEqual({ conflicts: {}, unread: true });
});

test("a client that is in no transaction commits each call", async () => {
  const { world, connect, run, inboxOf } = await openPlace();
  const runId = await run("door");
  await world.deliver({ token: "door" }, said("one"), { tx: await connect() });
  expect(await inboxOf(runId)).toEqual(["one"]);
});

test("code is collected another time where a run is being created", async () => {
  const { world, begin } = await openPlace();
  const client = await begin();
  const run = newRun();
  await world.createRun(run, undefined, { tx: client });
  expect(await world.code.collect(Infinity)).toBe(0);
  await client.query("COMMIT");
  expect(await world.code.collect(Infinity)).toBe(0);
  expect(await world.code.get(CODE.hash)).toEqual(CODE);
});

test("a token that nobody has leaves the transaction as it is", async () => {
  const { world, begin } = await openPlace();
  const client = await begin();
  expect(await world.deliver({ token: "door" }, said("one"), { tx: client })).toEqual({ status: "nobody" });
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
});

test("clients that cannot write the World's data are told so", async () => {
  const { world, schema, begin, connect } = await openPlace();
  const knock = (tx: unknown): Promise<Delivery> => world.deliver({ token: "door" }, said("one"), { tx });
  await expect(knock({ query: "SELECT" })).rejects.toMatchObject({ ...REFUSED, message: /not a client of PostgreSQL/ });

  const failed = await begin();
  await failed.query("SELECT 1 / 0").catch(() => undefined);
  await expect(knock(failed)).rejects.toMatchObject({ ...REFUSED, message: /has failed before/ });

  const repeatable = await begin();
  await repeatable.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await expect(knock(repeatable)).rejects.toMatchObject({ ...REFUSED, message: /READ COMMITTED/ });

  const database = `other_${randomBytes(6).toString("hex")}`;
  const own = await connect();
  await own.query(`CREATE DATABASE ${database}`);
  const url = new URL(SERVER);
  url.pathname = `/${database}`;
  const other = await connect(url.href);
  onTestFinished(() => own.query(`DROP DATABASE ${database} WITH (FORCE)`).then(() => undefined));
  other.on("error", () => undefined);
  await expect(knock(other)).rejects.toMatchObject({ ...REFUSED, message: /has no schema/ });
  const second = await createWorld({ connectionString: url.href, schema, clock: createTestClock() });
  await second.close();
  await expect(knock(other)).rejects.toMatchObject({ ...REFUSED, message: /connected to another database/ });
});

test("a deadlock is the caller's: its transaction has failed, and nothing was written", async () => {
  const { world, begin, run, inboxOf } = await openPlace();
  const runs = [await run("door"), await run("gate")];
  const [one, two] = [await begin(), await begin()];
  await world.deliver({ token: "door" }, said("1"), { tx: one });
  await world.deliver({ token: "gate" }, said("2"), { tx: two });
  const crossing = [
    world.deliver({ token: "gate" }, said("1"), { tx: one }),
    world.deliver({ token: "door" }, said("2"), { tx: two }),
  ];
  const settled = await Promise.allSettled(
    crossing.map(async (call, n) => {
      await call.finally(() => (n === 0 ? one : two).query("COMMIT"));
    }),
  );
  const lost = settled.filter(({ status }) => status === "rejected");
  expect(lost).toMatchObject([{ reason: { code: "WORLD_FAILED", cause: { code: "40P01" } } }]);
  const text = settled[0]?.status === "fulfilled" ? "1" : "2";
  expect([await inboxOf(runs[0] ?? ""), await inboxOf(runs[1] ?? "")]).toEqual([[text], [text]]);
});

test("nothing is prepared by name on the caller's connection, whatever it makes of types", async () => {
  const { world, begin, run, inboxOf } = await openPlace();
  const runId = await run("door");
  const client = await begin();
  client.setTypeParser(25, (text) => text);
  client.setTypeParser(3802, () => "mine");
  await world.deliver({ token: "door" }, said("one"), { tx: client });
  expect((await client.query("SELECT name FROM pg_prepared_statements")).rows).toEqual([]);
  await client.query("COMMIT");
  expect(await inboxOf(runId)).toEqual(["one"]);
});

test("the World that asked hears of it when the transaction commits, and not before", async () => {
  const schema = freshName();
  const world = await createWorld({ connectionString: SERVER, schema });
  onTestFinished(() => world.close());
  await world.code.put(CODE);
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  onTestFinished(() => client.end());
  const heard: string[] = [];
  const told = Promise.withResolvers<void>();
  world.onHint((hint) => {
    heard.push(hint.kind === "work" ? hint.runId : hint.kind);
    told.resolve();
  });
  const run = newRun();
  await client.query("BEGIN");
  await world.createRun(run, undefined, { tx: client });
  // A hint of this process would be there by then.
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
  await client.query("COMMIT");
  await told.promise;
  expect(heard).toEqual([run.runId]);
});
