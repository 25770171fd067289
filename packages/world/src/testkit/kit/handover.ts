import { describe, expect } from "vitest";
import { LEASE_TTL_MS } from "workflow/world";
import { admit, AT, cancelled, completed, hookCreated, newRunOf, said, stepCreated, stepStarted } from "./events.ts";
import { idsOf, leaseOf, ownerOf, type Check } from "./scene.ts";

const HOUR = 3_600_000;

/** What becomes of runs when their worker dies, leaves, or cannot go on (invariant I8). */
export function describeHandover(check: Check): void {
  describe("I8 handing over", () => {
    describeGivingUp(check);
    describeProblems(check);
  });
}

function describeGivingUp(check: Check): void {
  check("runs with steps under way pass to the living when their worker dies", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a");
    await owner.turn({
      entries: [stepCreated("step_1"), stepStarted("step_1")].map((event) => ({
        kind: "event",
        event,
      })),
      dueAt: 0,
    });
    await world.join("wrkr_b");
    clock.advance(LEASE_TTL_MS - 1);
    await world.renew("wrkr_b");
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    clock.advance(2);
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([owner.runId]);
    expect(await world.steps.get(owner.runId, "step_1")).toMatchObject({
      status: "running",
      attempt: 1,
    });
  });

  check("a run that was leased and never worked on is not lost with its worker", async ({ world, clock, create }) => {
    await world.join("wrkr_a");
    const created = await world.createRun(newRunOf(50), "wrkr_a");
    const leased = await create();
    await world.lease("wrkr_a", 10);
    clock.advance(LEASE_TTL_MS + 1);
    await world.join("wrkr_b");
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([leased, leaseOf(created)?.runId]);
  });

  check("a worker that leaves gives all its runs back, each due as it was", async ({ world, own }) => {
    const busy = await own("wrkr_a");
    await busy.turn({ dueAt: 0 });
    const waiting = await own("wrkr_a");
    const other = await own("wrkr_c");
    await other.turn({ dueAt: 0 });
    await world.leave("wrkr_a");
    await world.join("wrkr_b");
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([busy.runId]);
    expect(await world.leaseRun("wrkr_b", waiting.runId)).not.toBeNull();
    expect(await world.leaseRun("wrkr_b", other.runId)).toBeNull();
  });

  check("leaving twice, or without having joined, does nothing", async ({ world, own }) => {
    const owner = await own("wrkr_a");
    await world.leave("wrkr_stranger");
    await world.join("wrkr_b");
    await world.leave("wrkr_b");
    await world.leave("wrkr_b");
    await owner.commit(completed);
  });

  check("joining again keeps the leases, and counts as a renewal", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a");
    clock.advance(LEASE_TTL_MS - 1);
    await world.join("wrkr_a");
    clock.advance(LEASE_TTL_MS - 1);
    await owner.commit(completed);
  });
}

const PROBLEM = { code: "REPLAY_DIVERGED", message: "The code changed" } as const;

function describeProblems(check: Check): void {
  check("a run with a problem says so until somebody moves it", async ({ world, own, take }) => {
    const owner = await own("wrkr_a");
    await world.release(owner.lease, { dueAt: AT + HOUR, problem: PROBLEM });
    expect((await world.runs.get(owner.runId)).problem).toEqual(PROBLEM);
    expect((await world.runs.list()).data[0]?.problem).toEqual(PROBLEM);
    const second = await take("wrkr_b", owner.runId);
    expect((await world.runs.get(owner.runId)).problem).toEqual(PROBLEM);
    await second.commit(stepCreated("step_1"));
    expect((await world.runs.get(owner.runId)).problem).toBeUndefined();
    await world.release(second.lease, { dueAt: null, problem: PROBLEM });
    await (await take("wrkr_b", owner.runId)).park();
    expect((await world.runs.get(owner.runId)).problem).toBeUndefined();
  });

  check("payloads that a run with a problem cannot take do not have it leased over and over", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own("wrkr_a");
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("one"));
    await world.release(owner.lease, { dueAt: AT + HOUR, problem: PROBLEM });
    expect(await world.lease("wrkr_a", 10)).toEqual([]);
    expect(await world.nextDueAt()).toBe(AT + HOUR);
    await world.deliver({ token: "door" }, said("two"));
    const [again] = await world.lease("wrkr_a", 10);
    expect(await ownerOf(world, again).inbox()).toHaveLength(2);
    await world.release(ownerOf(world, again).lease, { dueAt: AT + HOUR, problem: PROBLEM });
    clock.advanceTo(AT + HOUR);
    await world.join("wrkr_b");
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([owner.runId]);
  });

  check("a cancellation reaches a run with a problem, also one that arrives while it is put aside", async (scene) => {
    const { world, own } = scene;
    const owner = await own("wrkr_a");
    await world.deliver({ runId: owner.runId }, cancelled());
    await world.release(owner.lease, { dueAt: null, problem: PROBLEM });
    const [lease] = await world.lease("wrkr_a", 10);
    const again = ownerOf(world, lease);
    await again.turn({ entries: [admit(Number((await again.inbox())[0]?.id))] });
    const run = await world.runs.get(owner.runId);
    expect(run.status).toBe("cancelled");
    expect(run.problem).toBeUndefined();
  });
}
