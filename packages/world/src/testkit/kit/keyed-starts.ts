import { describe, expect } from "vitest";
import { FIRST_EPOCH } from "workflow/world";
import { claimOf, completed, entry, hookCreated, newRunOf, runIdOf, started } from "./events.ts";
import type { Check } from "./scene.ts";
import { expectRefused, snapshotOf } from "./snapshot.ts";

const KEYED = { idempotencyKey: "order 7" } as const;

/** Any number of creations with one key create one run. */
export function describeKeyedStarts(check: Check): void {
  describe("keyed starts", () => {
    describeRepeats(check);
    describeFailures(check);
  });
}

function describeRepeats(check: Check): void {
  check("a key that was used leads to the run of then, also when that has ended; nothing is written", async (scene) => {
    const { world, own } = scene;
    const owner = await own("wrkr_a", KEYED);
    for (const end of [false, true]) {
      if (end) await owner.commit(completed);
      const before = await snapshotOf(world);
      expect(await world.createRun(newRunOf(50, KEYED))).toEqual({ status: "exists", runId: owner.runId });
      expect(await world.createRun(newRunOf(50, KEYED), "wrkr_a")).toEqual({ status: "exists", runId: owner.runId });
      expect(await snapshotOf(world)).toEqual(before);
    }
  });

  check("of 100 creations with one key at once, one creates a run", async ({ world }) => {
    const creations = await Promise.all(Array.from({ length: 100 }, (_, n) => world.createRun(newRunOf(n, KEYED))));
    const [run, ...rest] = (await world.runs.list()).data;
    expect(rest).toEqual([]);
    expect(creations.filter(({ status }) => status === "created")).toHaveLength(1);
    expect(creations.filter(({ status }) => status === "exists")).toEqual(
      Array.from({ length: 99 }, () => ({ status: "exists", runId: run?.runId })),
    );
  });

  check("a key counts for its workflow only, and by its exact text", async ({ world, create }) => {
    await create(KEYED);
    await create({ ...KEYED, workflowName: "workflow//shop//refund" });
    for (const idempotencyKey of ["ORDER 7", "order 7 ", "order", "7"]) await create({ idempotencyKey });
    await create();
    await create();
    expect((await world.runs.list()).data).toHaveLength(8);
  });

  check("a worker that asked for a new run and got the name of another has no lease", async ({ world, own }) => {
    const { runId } = await own("wrkr_a", KEYED);
    const lease = { runId: runIdOf(50), worker: "wrkr_a", epoch: FIRST_EPOCH };
    const [creation, committed] = await Promise.allSettled([
      world.createRun(newRunOf(50, KEYED), "wrkr_a"),
      world.commit(lease, { after: 1, entries: [entry(started)], drops: [], dueAt: null }),
    ]);
    expect(creation).toMatchObject({ value: { status: "exists", runId } });
    expect(committed).toMatchObject({ reason: { code: "LEASE_LOST" } });
  });

  check("a run that exists by its key gets no payload of a claim", async ({ world, own }) => {
    const owner = await own("wrkr_a", KEYED);
    await owner.commit(hookCreated("hook_1", "door"));
    const claiming = newRunOf(50, { ...KEYED, ...claimOf("door", "knock") });
    expect(await world.createRun(claiming)).toEqual({ status: "exists", runId: owner.runId });
    expect(await owner.inbox()).toEqual([]);
  });

  check("a creation that resumed another run leaves its key unused", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const claiming = newRunOf(50, { ...KEYED, ...claimOf("door", "knock") });
    expect(await world.createRun(claiming)).toMatchObject({ status: "resumed" });
    expect(await world.createRun(newRunOf(50, KEYED))).toMatchObject({ status: "created" });
  });
}

function describeFailures(check: Check): void {
  check("a creation that is refused does not use its key up", async ({ world, create }) => {
    const runId = await create();
    await world.join("wrkr_a");
    await expectRefused(world, () => world.createRun(newRunOf(50, { ...KEYED, codeHash: "none" })), "INVALID_ARGUMENT");
    await expectRefused(world, () => world.createRun(newRunOf(50, { ...KEYED, runId })), "INVALID_ARGUMENT");
    await expectRefused(world, () => world.createRun(newRunOf(50, KEYED), "wrkr_stranger"), "LEASE_LOST");
    expect(await world.createRun(newRunOf(50, KEYED), "wrkr_a")).toMatchObject({ status: "created" });
    await expectRefused(world, () => world.createRun(newRunOf(51, KEYED), "wrkr_stranger"), "LEASE_LOST");
  });

  check("the name of a run is all that a repeat needs: neither its code nor its id is looked at", async (scene) => {
    const runId = await scene.create(KEYED);
    const repeat = newRunOf(50, { ...KEYED, runId, codeHash: "none" });
    expect(await scene.world.createRun(repeat)).toEqual({ status: "exists", runId });
  });
}
