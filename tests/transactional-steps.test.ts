// Steps whose statements are committed with their result, and calls within a caller's transaction, with workers.
import { Client } from "pg";
import { createLocalWorld } from "../packages/workflow/src/local/world.ts";
import { createWorld } from "../packages/world-postgres/src/world.ts";
import { expect, onTestFinished, test, vi } from "vitest";
import { transactional } from "workflow";
import { resumeHook, resumeOrStart, start } from "workflow/api";
import { type World, WorkflowWorldError } from "workflow/world";
import { withFaults } from "@workflow/world/testkit";
import type { StepFunction } from "../packages/workflow/src/compiler/registration.ts";
import { deploy, type Engine, realmCode, startEngine, workflow } from "./support/engine.ts";
import { freshSchema } from "./support/postgres/fresh-schema.ts";
import { eventTypes, untilEvent } from "./support/scenario.ts";
import { mkdtempSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Each has a schema of its own, which takes its time where others are busy.
vi.setConfig({ testTimeout: 60_000 });

type Body = (client: Client, ...args: never[]) => Promise<unknown>;

/** A schema with a table of counters. */
interface Place {
  readonly own: Client;
  readonly schema: string;
  /** One more World on it, as another process has it. */
  open(): Promise<World>;
  /** `dies`: it is not there any more when the test is over. */
  engine(world: World, end?: "dies"): Promise<Engine>;
  /** Adds one to a counter. */
  add(client: Client, name?: string): Promise<void>;
  count(name?: string): Promise<number>;
}

async function openPlace(): Promise<Place> {
  const fresh = await freshSchema();
  onTestFinished(() => fresh[Symbol.asyncDispose]());
  const { url, schema } = fresh;
  const engines: Engine[] = [];
  const worlds: World[] = [];
  const own = new Client({ connectionString: url });
  await own.connect();
  onTestFinished(async () => {
    await Promise.allSettled(engines.map((engine) => engine.stop()));
    await Promise.all(worlds.map((world) => world.close()));
    await own.end();
  });
  const open = async (): Promise<World> => {
    const world = await createWorld({ connectionString: url, schema });
    worlds.push(world);
    return world;
  };
  await open();
  await own.query(`CREATE TABLE ${schema}.counters (name text PRIMARY KEY, n integer)`);
  await own.query(`INSERT INTO ${schema}.counters VALUES ('a', 0), ('b', 0)`);
  return {
    own,
    schema,
    open,
    async engine(world, end) {
      const engine = await startEngine({ world });
      if (end !== "dies") engines.push(engine);
      return engine;
    },
    async add(client, name = "a") {
      await client.query(`UPDATE ${schema}.counters SET n = n + 1 WHERE name = $1`, [name]);
    },
    count: async (name = "a") =>
      (await own.query<{ n: number }>(`SELECT n FROM ${schema}.counters WHERE name = $1`, [name])).rows[0]?.n ?? -1,
  };
}

type Gate = PromiseWithResolvers<void>;
type Gates = [Gate, Gate, Gate, Gate, Gate];

/** Deploys workflow code with steps, all of which are transactional. */
function deployWith(body: string, bodies: Readonly<Record<string, Body>>): void {
  const steps = Object.entries(bodies).map(([name, fn]) => {
    return [name, Object.assign(fn, { stepId: `step//./test//${name}` })] as const;
  });
  deploy(realmCode(Object.keys(bodies), body), Object.fromEntries(steps) as unknown as Record<string, StepFunction>);
  for (const [, fn] of steps) transactional(fn as Body);
}

test("a step's statements are committed with its result, and what throws has done nothing", async () => {
  const { add, count, open, engine } = await openPlace();
  let attempts = 0;
  deployWith(
    `workflow("main", async (n) => {
       const kept = await transactional(once)(n);
       return [kept, await never("x").catch((error) => error.message)];
     });`,
    {
      async once(client: Client, n: number) {
        attempts += 1;
        await add(client);
        if (attempts === 1) throw new Error("not yet");
        return n + 1;
      },
      async never(client: Client, text: string) {
        await add(client);
        throw Object.assign(new Error(`fatal ${text}`), { name: "FatalError", fatal: true });
      },
    },
  );
  await engine(await open());
  const run = await start(workflow("main"), [41]);
  expect(await run.returnValue).toEqual([42, "fatal x"]);
  expect([await count(), attempts]).toEqual([1, 2]);
});

test("a step whose result was committed while its run read the inbox does not begin again", async () => {
  const { add, count, open, engine } = await openPlace();
  const [began, mayEnd, hasRead, mayGoOn, committed] = Array.from({ length: 5 }, () =>
    Promise.withResolvers<void>(),
  ) as [...Gates];
  let attempts = 0;
  deployWith(
    `workflow("main", async () => {
       const poked = createHook({ token: "poke" }).then((said) => said);
       return [await transactional(once)(), await poked];
     });`,
    {
      async once(client: Client) {
        attempts += 1;
        began.resolve();
        await mayEnd.promise;
        await add(client);
        return attempts;
      },
    },
  );
  const world = await open();
  const late: World = {
    ...world,
    async read(runId, after) {
      const record = await world.read(runId, after);
      if (record.inbox.some(({ event }) => event.type === "hook_received") && attempts === 1) {
        hasRead.resolve();
        await mayGoOn.promise;
      }
      return record;
    },
    transact: (lease, task) => world.transact(lease, task).finally(committed.resolve),
  };
  await engine(late);
  const run = await start(workflow("main"), []);
  await began.promise;
  const fact = { type: "hook_received", data: {}, payload: 'devl["poked"]', at: Date.now() } as const;
  await (await open()).deliver({ token: "poke" }, fact);
  await hasRead.promise;
  mayEnd.resolve();
  await committed.promise;
  await setImmediate();
  mayGoOn.resolve();
  expect(await run.returnValue).toEqual([1, "poked"]);
  expect([attempts, await count()]).toEqual([1, 1]);
});

test("who takes over between the commit and its admission sees the result, and runs nothing again", async () => {
  const { add, count, open, engine } = await openPlace();
  let bodies = 0;
  deployWith(`workflow("main", async () => (await once()) + 1);`, {
    async once(client: Client) {
      bodies += 1;
      await add(client);
      return 1;
    },
  });
  const first = await open();
  const died = Promise.withResolvers<void>();
  let dead = false;
  const dying = withFaults(first, ({ write, phase }) => {
    if (write === "transact" && phase === "after") {
      dead = true;
      died.resolve();
    }
    // Nothing more is heard of it.
    return dead ? new Promise<void>(() => undefined) : undefined;
  });
  await engine(dying, "dies");
  const run = await start(workflow("main"), []);
  await died.promise;
  await first.close();
  const second = await open();
  expect((await second.read(run.runId, 0)).inbox).toMatchObject([{ event: { type: "step_completed" } }]);
  await engine(second);
  expect(await second.runs.waitForTerminalStatus(run.runId)).toMatchObject({ status: "completed" });
  expect([await count(), bodies]).toEqual([1, 1]);
  expect((await eventTypes(second, run.runId)).filter((type) => type === "step_started")).toHaveLength(1);
});

/** A step whose first body keeps a row locked until the gate is opened, so that a second one waits for its end. */
function deployGated({ add }: Place): { readonly begun: Promise<void>; open(): void; readonly bodies: () => number } {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let bodies = 0;
  deployWith(`workflow("main", async () => await once());`, {
    async once(client: Client) {
      bodies += 1;
      const isFirst = bodies === 1;
      await add(client);
      begun.resolve();
      if (isFirst) await gate.promise;
      return isFirst ? "first" : "second";
    },
  });
  return { begun: begun.promise, open: () => gate.resolve(), bodies: () => bodies };
}

test("a worker that was given up while the body ran has written nothing, and its successor once", async () => {
  const place = await openPlace();
  const { own, schema, count, open, engine } = place;
  const gated = deployGated(place);
  let isGivenUp = false;
  const late = withFaults(await open(), ({ write, phase }) => {
    if (isGivenUp && phase === "before" && /join|lease/.test(write)) throw new Error("too late");
  });
  await engine(late);
  const run = await start(workflow("main"), []);
  await gated.begun;
  isGivenUp = true;
  await own.query(`UPDATE ${schema}.workers SET gone = true`);
  const second = await open();
  await engine(second);
  await untilEvent(second, run.runId, "step_started", 2).finally(() => gated.open());
  expect(await second.runs.waitForTerminalStatus(run.runId)).toMatchObject({ status: "completed" });
  expect(await run.returnValue).toBe("second");
  expect([await count(), gated.bodies()]).toEqual([1, 2]);
  expect((await eventTypes(second, run.runId)).filter((type) => type === "step_completed")).toHaveLength(1);
});

test("a worker that has got the run back since the body began attempts the step again", async () => {
  const place = await openPlace();
  const { own, schema, count, open, engine } = place;
  const gated = deployGated(place);
  await engine(await open());
  const run = await start(workflow("main"), []);
  await gated.begun;
  await own.query(`UPDATE ${schema}.workers SET gone = true`);
  await expect
    .poll(async () => (await own.query(`SELECT epoch FROM ${schema}.runs`)).rows, { timeout: 10_000 })
    .toEqual([{ epoch: 2 }]);
  gated.open();
  expect(await run.returnValue).toBe("second");
  expect([await count(), gated.bodies()]).toEqual([1, 2]);
});

test("an attempt whose time is over is rolled back, whatever its body comes to", async () => {
  const { add, count, open, engine } = await openPlace();
  let bodies = 0;
  const gate = Promise.withResolvers<void>();
  const slow = async (client: Client): Promise<number> => {
    bodies += 1;
    await add(client);
    if (bodies === 1) await gate.promise;
    return bodies;
  };
  deployWith(`workflow("main", async () => await slow());`, { slow: Object.assign(slow, { timeout: "1s" }) });
  const world = await open();
  await engine(world);
  const run = await start(workflow("main"), []);
  await untilEvent(world, run.runId, "step_retrying").finally(() => gate.resolve());
  expect(await run.returnValue).toBe(2);
  expect(await count()).toBe(1);
});

test("a World that fails costs time, and no attempt that counts", async () => {
  const { add, count, open, engine } = await openPlace();
  let failures = 0;
  const failing = withFaults(await open(), ({ write, phase }) => {
    // More often than the step may be tried again.
    if (write !== "transact" || phase !== "before" || failures === 6) return;
    failures += 1;
    throw new WorkflowWorldError("WORLD_FAILED", "The server is not there");
  });
  deployWith(`workflow("main", async () => await once());`, {
    async once(client: Client) {
      await add(client);
      return "done";
    },
  });
  await engine(failing);
  const run = await start(workflow("main"), []);
  expect(await run.returnValue).toBe("done");
  expect([await count(), failures]).toEqual([1, 6]);
});

test("steps that lock each other out are tried again", async () => {
  const { add, count, open, engine } = await openPlace();
  const met = Promise.withResolvers<void>();
  let arrived = 0;
  const crossing =
    (one: string, other: string): Body =>
    async (client: Client) => {
      await add(client, one);
      arrived += 1;
      if (arrived === 2) met.resolve();
      await met.promise;
      await add(client, other);
    };
  deployWith(`workflow("main", async () => { await Promise.all([up(), down()]); });`, {
    up: crossing("a", "b"),
    down: crossing("b", "a"),
  });
  await engine(await open());
  await (
    await start(workflow("main"), [])
  ).returnValue;
  expect([await count("a"), await count("b"), arrived]).toEqual([2, 2, 3]);
});

test("a step outside of a worker, and on a World without transactions, does not run", async () => {
  let bodies = 0;
  const once = async (): Promise<number> => (bodies += 1);
  deployWith(`workflow("main", async () => await once().catch((error) => error.message));`, { once });
  const directory = mkdtempSync(join(tmpdir(), "transactional-"));
  const world = await createLocalWorld({ directory });
  const engine = await startEngine({ world });
  onTestFinished(async () => {
    await engine.stop();
    await world.close();
  });
  const run = await start(workflow("main"), []);
  expect(await run.returnValue).toMatch(/A transactional step cannot run: this World keeps its data elsewhere/);
  expect((await eventTypes(world, run.runId)).filter((type) => type === "step_started")).toHaveLength(1);
  const called = transactional(Object.assign(async (_: Client, n: number) => n, {}));
  await expect(called(1)).rejects.toMatchObject({ name: "NotInWorkflowContextError" });
  expect(() => transactional(Object.assign(async () => 1, { stepId: "step//./other//nested" }))).toThrow("top level");
  expect(bodies).toBe(0);
});

test("start and resume in a transaction happen with it, also for runs that are live here", async () => {
  const { own, schema, add, count, open, engine } = await openPlace();
  deployWith(
    `workflow("waits", async (token) => {
       const hook = createHook({ token });
       const first = await hook;
       return [first, await hook];
     });`,
    {},
  );
  const world = await open();
  await engine(world);
  const live = await start(workflow("waits"), ["door"]);
  await untilEvent(world, live.runId, "hook_created");

  await own.query("BEGIN");
  await add(own);
  await resumeHook("door", "lost", { tx: own });
  const lost = await start(workflow("waits"), ["gate"], { tx: own });
  await own.query("ROLLBACK");
  await expect(world.runs.get(lost.runId)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });

  await own.query("BEGIN");
  await add(own);
  const { runId, status } = await resumeHook("door", "one", { tx: own, idempotencyKey: "k" });
  expect([runId, status]).toEqual([live.runId, "delivered"]);
  const made = await resumeOrStart("gate", "two", workflow("waits"), ["gate"], { tx: own });
  expect(made.status).toBe("started");
  expect((await resumeOrStart("gate", "three", workflow("waits"), ["gate"], { tx: own })).status).toBe("delivered");
  expect(await eventTypes(world, live.runId)).not.toContain("hook_received");
  await own.query("COMMIT");
  await resumeHook("door", "four");
  expect(await live.returnValue).toEqual(["one", "four"]);
  expect(await made.run.returnValue).toEqual(["two", "three"]);
  expect(await count()).toBe(1);
  await own.query(`SELECT FROM ${schema}.counters`);
});

test("streams cannot be part of a transaction, and are given back", async () => {
  deployWith(`workflow("waits", async () => undefined);`, {});
  const { own, open, engine } = await openPlace();
  await engine(await open());
  const calls = [
    (stream: ReadableStream) => start(workflow("waits"), [stream], { tx: own }),
    (stream: ReadableStream) => resumeHook("door", stream, { tx: own }),
    (stream: ReadableStream) => resumeOrStart("door", stream, workflow("waits"), [], { tx: own }),
  ];
  for (const call of calls) {
    const stream = new ReadableStream();
    const error = { name: "SerializationError", message: /cannot be part of a transaction/ };
    await expect(call(stream)).rejects.toMatchObject({ ...error, message: expect.stringMatching(error.message) });
    expect(stream.locked).toBe(false);
  }
});
