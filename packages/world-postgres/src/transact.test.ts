import type { Client } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Delivery, Lease, NewFact } from "workflow/world";
import { gateTo } from "./fixtures/gate.ts";
import { openPlace, type Place, said } from "./fixtures/place.ts";
import type { PostgresWorldOptions } from "./world.ts";

// Each has a schema of its own, which takes its time where others are busy.
vi.setConfig({ testTimeout: 60_000 });

/** A table of the user's with one number in it, and a run. */
interface Scene extends Place {
  readonly lease: Lease;
  /** Adds one in a transaction whose outcome has `payload`, after `more` was done. */
  add(payload: string, more?: (client: Client) => Promise<void>): Promise<Delivery>;
  total(): Promise<number>;
}

async function openScene(options: PostgresWorldOptions = {}): Promise<Scene> {
  const place = await openPlace(options);
  const { world, schema } = place;
  const lease = await place.own("door");
  const own = await place.connect();
  await own.query(`CREATE TABLE ${schema}.total (n integer)`);
  await own.query(`INSERT INTO ${schema}.total VALUES (0)`);
  return {
    ...place,
    lease,
    add: (payload, more) =>
      world.transact(lease, async (given) => {
        const client = given as Client;
        await client.query(`UPDATE ${schema}.total SET n = n + 1`);
        await more?.(client);
        return outcome(payload);
      }),
    total: async () => Number((await own.query(`SELECT n FROM ${schema}.total`)).rows[0].n),
  };
}

function outcome(payload: string): NewFact {
  return { type: "step_completed", correlationId: `step_${payload}`, data: {}, payload, at: 1 };
}

test("the statements and the fact are committed together", async () => {
  const { lease, add, total, inboxOf } = await openScene();
  const delivery = await add("one", async () => expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]));
  expect(delivery).toEqual({ status: "delivered", runId: lease.runId });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([1, ["one"]]);
});

test("what the task throws is thrown, and rolls back", async () => {
  const { lease, add, total, inboxOf } = await openScene();
  const mine = new RangeError("mine");
  await expect(add("one", () => Promise.reject(mine))).rejects.toBe(mine);
  await expect(add("two", async (client) => void (await client.query("SELECT 1 / 0")))).rejects.toMatchObject({
    name: "error",
    code: "22012",
  });
  const swallowed = add("three", async (client) => void (await client.query("SELECT 1 / 0").catch(() => undefined)));
  await expect(swallowed).rejects.toMatchObject({ code: "WORLD_FAILED", message: expect.stringMatching(/had failed/) });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]);
});

test("what the server refuses at the commit is thrown as it says it", async () => {
  const { schema, lease, add, total, inboxOf, connect } = await openScene();
  await (await connect()).query(`CREATE TABLE ${schema}.one (id integer UNIQUE DEFERRABLE INITIALLY DEFERRED)`);
  const twice = add("one", async (client) => void (await client.query(`INSERT INTO ${schema}.one VALUES (1), (1)`)));
  await expect(twice).rejects.toMatchObject({ name: "error", code: "23505" });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]);
});

test("a lease that went while the task was at work rolls back", async () => {
  const { world, lease, add, total, inboxOf } = await openScene();
  const late = add("one", async () => {
    await world.release(lease, { dueAt: 0 });
    expect(await world.lease("wrkr_a", 1)).toMatchObject([{ runId: lease.runId, epoch: 2 }]);
  });
  await expect(late).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]);
});

test("a worker that was given up, and a run that has ended, roll back", async () => {
  const { world, schema, lease, add, total, connect } = await openScene();
  const own = await connect();
  const buried = add("one", async () => void (await own.query(`UPDATE ${schema}.workers SET gone = true`)));
  await expect(buried).rejects.toMatchObject({ code: "LEASE_LOST" });
  await own.query(`UPDATE ${schema}.workers SET gone = false`);
  const event = { type: "run_completed", data: {}, payload: "", at: 1 } as const;
  const ended = add("two", async () => {
    await world.commit(lease, { after: 3, entries: [{ kind: "event", event }], drops: [], dueAt: null });
  });
  await expect(ended).rejects.toMatchObject({ code: "LEASE_LOST" });
  expect(await total()).toBe(0);
});

test("who takes the run over waits for a commit that is under way, and sees the fact", async () => {
  const { world, schema, lease, add, connect, waiting, total } = await openScene();
  const holder = await connect();
  const commit = await holdCommits(holder, schema);
  const adding = add("one");
  await commit.asked();
  await holder.query(`UPDATE ${schema}.workers SET gone = true`);
  await world.join("wrkr_b");
  expect(await world.lease("wrkr_b", 9)).toEqual([]);
  const taking = world.leaseRun("wrkr_b", lease.runId);
  await waiting(1);
  await holder.query("COMMIT");
  expect(await taking).toMatchObject({ epoch: 2 });
  expect((await world.read(lease.runId, 0)).inbox).toMatchObject([{ event: outcome("one") }]);
  await adding;
  expect(await total()).toBe(1);
});

test("a commit whose answer is lost is found out about", async () => {
  const gate = await gateTo();
  const { schema, lease, add, total, inboxOf, connect } = await openScene({ connectionString: gate.url });
  const holder = await connect();
  const commit = await holdCommits(holder, schema);
  const adding = add("one");
  await commit.asked();
  gate.cut();
  await holder.query("COMMIT");
  expect(await adding).toEqual({ status: "delivered", runId: lease.runId });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([1, ["one"]]);
});

test("a commit that is cut off is not taken for one", async () => {
  const { schema, lease, add, total, inboxOf, connect } = await openScene();
  const holder = await connect();
  const commit = await holdCommits(holder, schema);
  const adding = add("one").catch((error: unknown) => error);
  await holder.query("SELECT pg_terminate_backend($1)", [await commit.asked()]);
  expect(await adding).toMatchObject({ code: "WORLD_FAILED", cause: { code: "57P01" } });
  await holder.query("COMMIT");
  expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]);
});

test("the transaction is not the task's to end", async () => {
  const { lease, add, total, inboxOf } = await openScene();
  for (const text of ["COMMIT", "begin", " START TRANSACTION", "rollback", "ROLLBACK WORK", "END", "ABORT"]) {
    await expect(add("one", async (client) => void (await client.query(text)))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringMatching(/cannot say/),
    });
  }
  // Said within something else, it is noticed in time for the fact.
  await expect(add("two", async (client) => void (await client.query("SELECT 1; ROLLBACK")))).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(/ended the transaction/),
  });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([0, []]);
  await add("three", async (client) => {
    await client.query("SAVEPOINT here");
    await client.query("SELECT 1 / 0").catch(() => undefined);
    await client.query("ROLLBACK TO SAVEPOINT here");
  });
  expect([await total(), await inboxOf(lease.runId)]).toEqual([1, ["three"]]);
});

test("a client cannot be used beyond its transaction, nor be given back by others", async () => {
  const { world, lease, add } = await openScene({ maxConnections: 3 });
  let kept: Client | undefined;
  await add("one", async (client) => {
    kept = client;
    (client as unknown as { release(): void }).release();
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });
  await expect(kept?.query("SELECT 1")).rejects.toThrow("after the step's end");
  expect((await world.runs.get(lease.runId)).status).toBe("running");
});

test("tasks leave connections for what they ask of the World themselves", async () => {
  const { world, lease, add, total } = await openScene({ maxConnections: 3 });
  const texts = ["a", "b", "c", "d", "e"];
  await Promise.all(
    texts.map((text) => add(text, async () => void (await world.deliver({ token: "nobody's" }, said(text))))),
  );
  expect(await total()).toBe(5);
  expect((await world.read(lease.runId, 0)).inbox).toHaveLength(5);
  const small = await openScene({ maxConnections: 2 });
  await expect(small.add("one")).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "tx" });
});

/** Commits that changed the total wait until `holder`, which is in a transaction then, says `COMMIT`. */
async function holdCommits(holder: Client, schema: string): Promise<{ asked(): Promise<number> }> {
  await holder.query(`
    CREATE FUNCTION ${schema}.wait() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext('${schema}')); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON ${schema}.total DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION ${schema}.wait()`);
  await holder.query("BEGIN");
  await holder.query(`SELECT pg_advisory_xact_lock(hashtext('${schema}'))`);
  onTestFinished(() => holder.query("ROLLBACK").then(() => undefined));
  return {
    /** Resolves with the process of the server that has come to its commit. */
    async asked() {
      const find = `SELECT l.pid FROM pg_locks l JOIN pg_locks own USING (locktype, classid, objid, objsubid)
        WHERE l.locktype = 'advisory' AND NOT l.granted AND own.granted AND own.pid = pg_backend_pid()`;
      for (;;) {
        const { rows } = await holder.query<{ pid: number }>(find);
        if (rows[0] !== undefined) return rows[0].pid;
      }
    },
  };
}
