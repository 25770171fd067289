import { ANSWER_MEMORY_MS, DROPPED_MEMORY_MS, KEY_MEMORY_MS, streamName } from "workflow/world";
import { describe, expect, test } from "vitest";
import { begin, end, hook, newRun, openScene, received, type Scene, turn } from "./fixtures/scene.ts";

const DAY_MS = 86_400_000;

async function knock({ world }: Scene, idempotencyKey: string): Promise<string> {
  return (await world.deliver({ token: "door" }, received(), { idempotencyKey })).status;
}

describe("what is kept for a time only", () => {
  test("keys go after their time, as many as there are; those of a hook that is there stay", async () => {
    const scene = await openScene();
    const { world, data, rows, remove } = scene;
    const lease = await begin(world, 1, hook("door"));
    await Promise.all(Array.from({ length: 1_500 }, (_, n) => knock(scene, `old ${n}`)));
    data.clock.advance(KEY_MEMORY_MS);
    await knock(scene, "while it is there");
    expect(await remove()).toMatchObject({ keys: 0, pauses: 1 });
    expect(await remove()).toMatchObject({ keys: 0, pauses: 0 });
    expect(await knock(scene, "old 7")).toBe("duplicate");
    await end(world, lease, data.clock.now());
    data.clock.advance(KEY_MEMORY_MS - 1);
    expect(await remove()).toMatchObject({ keys: 0 });
    data.clock.advance(1);
    expect(await remove()).toMatchObject({ keys: 1_501, pauses: 1 });
    expect(await rows("keys")).toBe(0);
  });

  test("payloads that nobody claimed, answers, and tokens that were retained go after their times", async () => {
    const { world, data, rows, remove } = await openScene();
    const { clock } = data;
    const lease = await begin(world, 1, hook("door", clock.now() + DROPPED_MEMORY_MS));
    await end(world, lease, clock.now());
    await world.deliver({ token: "nobody's" }, received(), { holdUntil: clock.now() + 1 });
    await world.answers.put("req_1", "devl[1]");
    expect(await remove()).toMatchObject({ held: 0, answers: 0, hooks: 0 });
    clock.advance(ANSWER_MEMORY_MS);
    expect(await remove()).toMatchObject({ held: 0, answers: 1, hooks: 0 });
    clock.advance(DROPPED_MEMORY_MS - ANSWER_MEMORY_MS);
    expect(await remove()).toMatchObject({ held: 0, answers: 0, hooks: 1 });
    clock.advance(1);
    expect(await remove()).toMatchObject({ held: 1, answers: 0, hooks: 0 });
    expect([await rows("held"), await rows("answers"), await rows("hooks")]).toEqual([0, 0, 0]);
  });
});

describe("runs that have ended for longer than the retention", () => {
  test("go with all that was theirs; others stay", async () => {
    const { world, data, execute, rows, remove } = await openScene();
    const { clock } = data;
    const old = await begin(world, 1, hook("door"));
    await world.streams.append({ runId: old.runId, name: streamName(old.runId) }, [new Uint8Array(8)]);
    await world.deliver({ token: "door" }, received());
    await end(world, old, clock.now());
    clock.advance(DAY_MS);
    await end(world, await begin(world, 2), clock.now());
    await begin(world, 3);
    expect(await remove()).toMatchObject({ runs: 0 });
    expect(await remove(DAY_MS + 1)).toMatchObject({ runs: 0 });
    expect(await remove(DAY_MS)).toMatchObject({ runs: 1 });
    await expect(world.runs.get(old.runId)).rejects.toMatchObject({ name: "WorkflowRunNotFoundError" });
    const { data: runs } = await world.runs.list();
    expect(runs.map(({ runId }) => runId)).toEqual([newRun(3).runId, newRun(2).runId]);
    const left = await execute<{ run: number }>("SELECT DISTINCT run::integer FROM {schema}.events ORDER BY run");
    expect(left).toEqual([{ run: 2 }, { run: 3 }]);
    const tables = ["inbox", "hooks", "keys", "held", "awaited", "streams", "chunks", "remains"];
    for (const table of tables) expect([table, await rows(table)]).toEqual([table, 0]);
    expect(await rows("attributes")).toBe(2);
  });

  test("stay while a payload is not to be accepted twice, and while they retain a token", async () => {
    const scene = await openScene();
    const { world, data, remove } = scene;
    const { clock } = data;
    const keyed = await begin(world, 1, hook("door"));
    await knock(scene, "once");
    await end(world, keyed, clock.now());
    await end(world, await begin(world, 2, hook("gate", clock.now() + 3 * DAY_MS)), clock.now());
    clock.advance(2 * DAY_MS);
    expect(await remove(DAY_MS)).toMatchObject({ runs: 0 });
    expect(await knock(scene, "once")).toBe("duplicate");
    clock.advance(DAY_MS);
    expect(await remove(DAY_MS)).toMatchObject({ runs: 1 });
    clock.advance(4 * DAY_MS);
    expect(await remove(DAY_MS)).toMatchObject({ runs: 1 });
  });

  test("free their keys of starts, and who awaits one hears that it is missing", async () => {
    const { world, data, remove } = await openScene();
    const { clock } = data;
    const keyed = { ...newRun(1), idempotencyKey: "order 1" };
    const creation = await world.createRun(keyed, "wrkr_a");
    if (creation.status !== "created" || creation.lease === null) throw new Error("No lease");
    await world.commit(creation.lease, turn(1, { type: "run_started", data: {}, at: 0 }));
    await end(world, creation.lease, clock.now());
    expect(await world.createRun({ ...keyed, runId: newRun(2).runId })).toMatchObject({ status: "exists" });
    await remove(0);
    expect(await world.createRun({ ...keyed, runId: newRun(2).runId })).toMatchObject({ status: "created" });
    const parent = await begin(world, 3, awaiting(keyed.runId));
    expect((await world.read(parent.runId, 3)).inbox).toMatchObject([MISSING]);
  });
});

const MISSING = { event: { type: "step_failed", correlationId: "step_1" } };

function awaiting(runId: string): Parameters<typeof turn>[1] {
  return {
    type: "step_created",
    correlationId: "step_1",
    data: { stepName: "run", awaits: runId },
    payload: "devl[1]",
    at: 0,
  };
}
