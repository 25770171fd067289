import { type StreamAddress, streamName } from "workflow/world";
import { describe, expect, test } from "vitest";
import { begin, end, newRun, openScene, type Scene, turn } from "./fixtures/scene.ts";

const DELETE = "SELECT {schema}.delete_runs('Infinity', '-Infinity', 0, 0, 0, 100)";
const CLEAR = "SELECT {schema}.clear_remains(1000)";

/** A run that has ended, and its stream. */
async function ended({ world, data }: Scene, ...chunks: readonly Uint8Array[]): Promise<StreamAddress> {
  const lease = await begin(world, 1);
  const stream = { runId: lease.runId, name: streamName(lease.runId) };
  if (chunks.length > 0) await world.streams.append(stream, chunks);
  await end(world, lease, data.clock.now());
  return stream;
}

/** Rows as runs have them, without the engine: so many that have ended, each with so many events. */
async function insertEnded({ execute }: Scene, runs: number, events: number): Promise<void> {
  await execute(
    `INSERT INTO {schema}.runs (run_id, workflow_name, code, seed, status, created_at, ended_at, length, turn, epoch)
     SELECT 'many ' || n, 'w', 1, '', 'completed', 0, 1, $2, 1, 1 FROM generate_series(1, $1::integer) n`,
    [runs, events],
  );
  await execute(
    `INSERT INTO {schema}.events (run, position, type, turn, at)
     SELECT u.id, p, 'run_started', 1, 0 FROM {schema}.runs u, generate_series(1, $1::integer) p WHERE u.ended_at = 1`,
    [events],
  );
}

describe("removing is done a part at a time", () => {
  test("of many runs", async () => {
    const scene = await openScene();
    await insertEnded(scene, 250, 2);
    expect(await scene.remove(0)).toMatchObject({ runs: 250, pauses: 2 + 2 });
    expect([await scene.rows("runs"), await scene.rows("events"), await scene.rows("remains")]).toEqual([0, 0, 0]);
  });

  test("of a long history, which nobody finds from the first part on", async () => {
    const scene = await openScene();
    await insertEnded(scene, 1, 12_000);
    expect(await scene.remove(0)).toMatchObject({ runs: 1, pauses: 2 });
    expect([await scene.rows("runs"), await scene.rows("events"), await scene.rows("remains")]).toEqual([0, 0, 0]);
  });

  test("and goes past runs that have to stay", async () => {
    const scene = await openScene();
    await insertEnded(scene, 250, 1);
    await scene.execute(
      `INSERT INTO {schema}.keys (token, key, run, hook_id, event, accepted_at, looked_at)
       SELECT 'door', run_id, id, 'hook_1', 1, $1, $1 FROM {schema}.runs WHERE run_id <> 'many 250'`,
      [scene.data.clock.now()],
    );
    expect(await scene.remove(0)).toMatchObject({ runs: 1 });
    expect(await scene.rows("runs")).toBe(249);
  });
});

describe("while others write", () => {
  test("what somebody has locked is left for later", async () => {
    const scene = await openScene();
    await ended(scene);
    const other = await scene.data.connect();
    await other.run("BEGIN");
    await other.run("SELECT 1 FROM {schema}.runs FOR KEY SHARE");
    expect(await scene.remove(0)).toMatchObject({ runs: 0 });
    await other.run("ROLLBACK");
    expect(await scene.remove(0)).toMatchObject({ runs: 1 });
  });

  test("only one process removes at a time, and others do not wait for it", async () => {
    const scene = await openScene();
    await ended(scene);
    const other = await scene.data.connect();
    await other.run("BEGIN");
    await other.run(CLEAR);
    expect(await scene.remove(0)).toMatchObject({ runs: 0, pauses: 1 });
    await other.run("ROLLBACK");
    expect(await scene.remove(0)).toMatchObject({ runs: 1 });
  });

  test("who begins to await a run that is being deleted hears that it is missing", async () => {
    const scene = await openScene();
    const { world, data } = scene;
    const { runId: awaits } = await ended(scene);
    const other = await data.connect();
    await other.run("BEGIN");
    // Who awaits it has found the run by then, and not yet its last event.
    await other.run("LOCK TABLE {schema}.inbox IN SHARE MODE");
    const parent = await begin(world, 2);
    const created = {
      type: "step_created",
      correlationId: "step_1",
      data: { stepName: "run", awaits },
      payload: "devl[1]",
      at: 0,
    } as const;
    const committed = world.commit(parent, turn(2, created));
    await data.waiting(1);
    await other.run(DELETE);
    await other.run(CLEAR);
    await other.run("COMMIT");
    await committed;
    expect((await world.read(parent.runId, 0)).inbox).toMatchObject([
      { event: { type: "step_failed", correlationId: "step_1", data: { run: { runId: awaits, status: "missing" } } } },
    ]);
  });

  test("an append that waits while its run is deleted finds none", async () => {
    const scene = await openScene();
    const stream = await ended(scene);
    const other = await scene.data.connect();
    await other.run("BEGIN");
    await other.run(DELETE);
    const appended = scene.world.streams.append(stream, [new Uint8Array(8)]).catch((error: unknown) => error);
    await scene.data.waiting(1);
    await other.run("COMMIT");
    expect(await appended).toMatchObject({ name: "WorkflowRunNotFoundError", runId: newRun(1).runId });
    expect(await scene.remove()).toMatchObject({ runs: 0 });
    expect([await scene.rows("streams"), await scene.rows("chunks")]).toEqual([0, 0]);
  });

  test("an append that is under way leaves nothing behind", async () => {
    const scene = await openScene();
    await ended(scene, new Uint8Array(8));
    const other = await scene.data.connect();
    await other.run("BEGIN");
    await other.run("SELECT 1 FROM {schema}.streams FOR NO KEY UPDATE");
    await other.run("INSERT INTO {schema}.chunks (stream, first, packed, sealed) VALUES (1, 1, '', false)");
    const removed = scene.remove(0);
    await scene.data.waiting(1);
    await other.run("COMMIT");
    expect(await removed).toMatchObject({ runs: 1 });
    expect([await scene.rows("streams"), await scene.rows("chunks")]).toEqual([0, 0]);
  });
});
