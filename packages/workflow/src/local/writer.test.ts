import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  inProcess,
  newRun,
  openWorld,
  own,
  started,
  temporaryDirectory,
  transactionsIn,
  turn,
} from "./fixtures/scene.ts";

test("writes that are asked for together are one transaction", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  const before = transactionsIn(directory);
  await Promise.all(Array.from({ length: 100 }, (_, n) => world.createRun(newRun(n))));
  expect(transactionsIn(directory) - before).toBe(1);
  expect((await world.runs.list()).data).toHaveLength(100);
});

test("a crowd is cut into transactions that bound how long the first waits", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  const before = transactionsIn(directory);
  await Promise.all(Array.from({ length: 600 }, (_, n) => world.createRun(newRun(n))));
  expect(transactionsIn(directory) - before).toBe(2);
  const { data } = await world.runs.list({ pagination: { limit: 1000, sortOrder: "asc" } });
  expect(data.map((run) => run.runId)).toEqual(Array.from({ length: 600 }, (_, n) => newRun(n).runId));
});

test("closing finishes what was asked for", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  const written = world.createRun(newRun(1));
  await world.close();
  await written;
  const again = await openWorld(directory);
  expect((await again.runs.list()).data).toHaveLength(1);
});

test("writes that are asked for one after another are a transaction each", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  const before = transactionsIn(directory);
  for (const n of [1, 2, 3]) await world.createRun(newRun(n));
  expect(transactionsIn(directory) - before).toBe(3);
});

test("a refused write does not disturb the others of its transaction", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  const before = transactionsIn(directory);
  const results = await Promise.allSettled([
    world.createRun(newRun(1)),
    world.createRun({ ...newRun(2), codeHash: "unknown" }),
    world.createRun(newRun(1)),
    world.createRun(newRun(3)),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  expect(transactionsIn(directory) - before).toBe(1);
  expect((await world.runs.list({ pagination: { sortOrder: "asc" } })).data.map((run) => run.runId)).toEqual([
    newRun(1).runId,
    newRun(3).runId,
  ]);
});

test("a write that SQLite fails takes none of the others with it", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  await world.join("wrkr_1");
  const leases = await Promise.all([1, 2, 3].map((n) => own(world, "wrkr_1", n)));
  const outside = new DatabaseSync(join(directory, "workflow.db"));
  outside.exec(`CREATE TRIGGER broken BEFORE INSERT ON events WHEN new.correlation_id = 'step_2'
    BEGIN SELECT raise(ABORT, 'a broken disk'); END`);
  outside.close();
  const results = await Promise.allSettled(
    leases.map((lease, index) =>
      world.commit(
        lease,
        turn(1, started, {
          type: "step_created",
          correlationId: `step_${index + 1}`,
          data: { stepName: "step//shop//charge" },
          at: 0,
        }),
      ),
    ),
  );
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(results[1]).toMatchObject({
    reason: { code: "WORLD_FAILED", message: expect.stringContaining("a broken disk") },
  });
  const lengths = leases.map(async ({ runId }) => (await world.read(runId, 0)).history.length);
  expect(await Promise.all(lengths)).toEqual([3, 1, 3]);
  // What the writer remembers of the run is what the file says, so the run goes on where it stood.
  await world.commit(leases[1] as (typeof leases)[0], turn(1, started));
});

test("an open World does not keep its process alive, an outstanding write does", async () => {
  const directory = JSON.stringify(temporaryDirectory());
  const { done } = inProcess(`
    const world = await createLocalWorld({ directory: ${directory} });
    await world.code.put({ hash: "h", source: "", map: "" });
    world.code.get("h").then((code) => console.log(code.hash));
    world.code.put({ hash: "h2", source: "", map: "" }).then(() => console.log("stored"));
  `);
  expect(await done).toEqual({ code: 0, output: "h\nstored\n" });
});

test("what the user loads into every process is not loaded into the writer's thread", async () => {
  const directory = JSON.stringify(temporaryDirectory());
  const preload = "data:text/javascript,console.log('loaded')";
  const { done } = inProcess(
    `
    const world = await createLocalWorld({ directory: ${directory} });
    await world.code.put({ hash: "h", source: "", map: "" });
    await world.close();
  `,
    { NODE_OPTIONS: `--import "${preload}"` },
  );
  expect(await done).toEqual({ code: 0, output: "loaded\n" });
});

test("close() is finished also when a write was under way and nothing else keeps the process alive", async () => {
  const ended = await inProcess(`
    const world = await createLocalWorld({ directory: ${JSON.stringify(temporaryDirectory())} });
    void world.code.put({ hash: "h", source: "s", map: "" });
    await world.close();
    console.log("closed");
  `).done;
  expect(ended).toEqual({ code: 0, output: "closed\n" });
});

test("a process whose file was changed by a newer version writes nothing more, and says what to do", async () => {
  const directory = temporaryDirectory();
  const world = await openWorld(directory);
  await world.createRun(newRun(1));
  const newer = new DatabaseSync(join(directory, "workflow.db"));
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  await expect(world.createRun(newRun(2))).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringMatching(/another version of the package.*data version 99.*Restart this process/),
  });
  expect((await world.runs.list()).data).toHaveLength(1);
});
