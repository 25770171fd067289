import { describe, expect } from "vitest";
import { LEASE_TTL_MS } from "workflow/world";
import { AT, completed, entry, newRunOf, runIdOf, stepCompleted, stepCreated, stepStarted } from "./events.ts";
import { type Check, type Owner } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";

const LOST = "LEASE_LOST";

/** Invariant I1: only the lease holder appends, from the end of the history, or not at all. */
export function describeOneWriter(check: Check): void {
  describe("I1 one writer", () => {
    describePositions(check);
    describeFencing(check);
    describeMembers(check);
  });
}

function describePositions(check: Check): void {
  check("positions are dense from 1, and each commit is a turn of its own", async ({ own }) => {
    const owner = await own();
    await owner.commit(stepCreated("step_1"), stepStarted("step_1"));
    await owner.commit();
    await owner.commit(stepCompleted("step_1"), completed);
    const history = await owner.history();
    expect(history.map((event) => event.position)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(history.map((event) => event.turn)).toEqual([1, 2, 3, 3, 5, 5]);
    expect(history.map((event) => event.type)).toEqual([
      "run_created",
      "run_started",
      "step_created",
      "step_started",
      "step_completed",
      "run_completed",
    ]);
  });

  check("a turn that does not continue the end of the history is refused", async ({ world, own }) => {
    const owner = await own();
    for (const after of [0, 1, 3, -1]) {
      await expectRefused(world, () => owner.turn({ after, entries: [entry(stepCreated("step_1"))] }), LOST);
    }
  });

  check("of ten commits at one position one wins, whole", async ({ own }) => {
    const owner = await own();
    const attempts = Array.from({ length: 10 }, (_, n) =>
      owner.turn({
        after: 2,
        entries: [entry(stepCreated(`step_${n}`)), entry(stepStarted(`step_${n}`))],
      }),
    );
    const results = await Promise.allSettled(attempts);
    const winners = results.flatMap((result, n) => (result.status === "fulfilled" ? [`step_${n}`] : []));
    expect(winners).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ name: "LeaseLostError", code: LOST });
    }
    const written = (await owner.history()).slice(2);
    expect(written.map((event) => event.correlationId)).toEqual([winners[0], winners[0]]);
  });
}

function describeFencing(check: Check): void {
  check("a paused worker whose run was taken over writes nothing", async ({ world, clock, own, take }) => {
    const paused = await own("wrkr_paused");
    clock.advance(LEASE_TTL_MS + 1);
    const heir = await take("wrkr_heir", paused.runId);
    await expectRefused(world, () => paused.commit(completed), LOST);
    await heir.commit(stepCreated("step_1"));
    await expectRefused(world, () => paused.commit(completed), LOST);
    await heir.commit(completed);
    expect((await world.runs.get(heir.runId)).status).toBe("completed");
  });

  check("a paused worker that joins again does not get its old lease back", async ({ world, clock, own, take }) => {
    const paused = await own("wrkr_paused");
    clock.advance(LEASE_TTL_MS + 1);
    const heir = await take("wrkr_heir", paused.runId);
    await world.join("wrkr_paused");
    await expectRefused(world, () => paused.commit(completed), LOST);
    await heir.commit(completed);
  });

  check("an older lease of the same worker is stale", async ({ world, own, take }) => {
    const first = await own("wrkr_a");
    await first.park();
    const second = await take("wrkr_a", first.runId);
    expect(second.lease.epoch).toBeGreaterThan(first.lease.epoch);
    await expectRefused(world, () => first.commit(completed), LOST);
    await second.commit(completed);
  });

  check("epochs grow with every lease, whoever takes it", async ({ own, take }) => {
    let owner: Owner = await own("wrkr_0");
    const epochs = [owner.lease.epoch];
    for (const worker of ["wrkr_1", "wrkr_0", "wrkr_2"]) {
      await owner.park();
      owner = await take(worker, owner.runId);
      epochs.push(owner.lease.epoch);
    }
    expect(new Set(epochs).size).toBe(4);
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
  });

  check("a lease that was given back, made up or belongs to another is refused", async ({ world, own }) => {
    const owner = await own("wrkr_a");
    const other = await own("wrkr_b");
    const fakes = [
      { ...owner.lease, epoch: owner.lease.epoch + 1 },
      { ...owner.lease, worker: "wrkr_b" },
      { ...other.lease, runId: owner.runId, epoch: owner.lease.epoch },
      { ...owner.lease, runId: runIdOf(999) },
    ];
    for (const fake of fakes) {
      const turn = { after: 2, entries: [entry(completed)], drops: [], dueAt: null };
      await expectRefused(world, () => world.commit(fake, turn), LOST);
    }
    await owner.park();
    await expectRefused(world, () => owner.commit(completed), LOST);
  });

  check("a stale release is ignored", async ({ world, own, take }) => {
    const stale = await own("wrkr_a");
    await stale.park();
    const owner = await take("wrkr_b", stale.runId);
    await world.release(stale.lease, {
      dueAt: 0,
      problem: { code: "REPLAY_DIVERGED", message: "stale" },
    });
    expect((await world.runs.get(owner.runId)).problem).toBeUndefined();
    expect(await world.leaseRun("wrkr_a", owner.runId)).toBeNull();
    await owner.commit(completed);
  });

  check("an ended run takes no further turn", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(completed);
    await expectRefused(world, () => owner.commit(stepCreated("step_1")), LOST);
    await expectRefused(world, () => owner.commit(), LOST);
  });
}

function describeMembers(check: Check): void {
  check("a worker that has not joined owns nothing", async ({ world, create }) => {
    const runId = await create();
    await expectRefused(world, () => world.lease("wrkr_stranger", 10), LOST);
    await expectRefused(world, () => world.leaseRun("wrkr_stranger", runId), LOST);
    await expectRefused(world, () => world.createRun(newRunOf(7), "wrkr_stranger"), LOST);
    await expectRefused(world, () => world.renew("wrkr_stranger"), LOST);
  });

  check("a worker that left owns nothing any more", async ({ world, own, create }) => {
    const owner = await own("wrkr_a");
    const runId = await create();
    await world.leave("wrkr_a");
    await expectRefused(world, () => owner.commit(completed), LOST);
    await expectRefused(world, () => world.lease("wrkr_a", 10), LOST);
    await expectRefused(world, () => world.leaseRun("wrkr_a", runId), LOST);
    await expectRefused(world, () => world.renew("wrkr_a"), LOST);
    await world.join("wrkr_a");
    await expectRefused(world, () => owner.commit(completed), LOST);
  });

  check("a worker that was late keeps what nobody else took", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a");
    clock.advance(10 * LEASE_TTL_MS);
    await owner.commit(stepCreated("step_1"));
    expect(await world.lease("wrkr_a", 10)).toEqual([]);
    await world.renew("wrkr_a");
    clock.advance(10 * LEASE_TTL_MS);
    await world.join("wrkr_a");
    await owner.commit(completed);
  });

  check("a worker that renews in time keeps its runs for as long as it likes", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a");
    await world.join("wrkr_b");
    for (let round = 0; round < 5; round += 1) {
      clock.advance(LEASE_TTL_MS - 1);
      await world.renew("wrkr_a");
      await world.join("wrkr_b");
      expect(await world.leaseRun("wrkr_b", owner.runId)).toBeNull();
    }
    await owner.commit(completed);
    expect((await owner.history()).at(-1)).toMatchObject({ type: "run_completed", at: AT });
  });
}
