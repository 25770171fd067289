import { describe, expect } from "vitest";
import { FIRST_EPOCH, LEASE_TTL_MS, type World } from "workflow/world";
import type { TestClock } from "../clock.ts";
import { admit, AT, cancelled, completed, entry, hookCreated, newRunOf, runIdOf, said, started } from "./events.ts";
import { idsOf, leaseOf, ownerOf, type Check } from "./scene.ts";

const HOUR = 3_600_000;

/** The World's part of invariant I8: whatever has something to do can be leased, by one worker at a time. */
export function describeLeases(check: Check): void {
  describe("I8 leases", () => {
    describeSharing(check);
    describeDueTimes(check);
    describeOwners(check);
  });
}

function describeSharing(check: Check): void {
  check("a new run is leased at once, to one worker", async ({ world, create }) => {
    const runId = await create();
    await world.join("wrkr_a");
    await world.join("wrkr_b");
    const leases = await world.lease("wrkr_a", 10);
    expect(leases).toMatchObject([{ runId, worker: "wrkr_a" }]);
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    await ownerOf(world, leases[0]).commit(completed);
  });

  check("a worker gets no more than it wants; the rest stays for others", async ({ world, create }) => {
    const all = [];
    for (let n = 0; n < 10; n += 1) all.push(await create());
    for (const worker of ["wrkr_a", "wrkr_b", "wrkr_c"]) await world.join(worker);
    expect(await world.lease("wrkr_a", 0)).toEqual([]);
    const three = idsOf(await world.lease("wrkr_a", 3));
    const six = idsOf(await world.lease("wrkr_b", 6));
    const rest = idsOf(await world.lease("wrkr_c", 6));
    expect([three.length, six.length, rest.length]).toEqual([3, 6, 1]);
    expect([...three, ...six, ...rest].toSorted()).toEqual(all);
  });

  check("workers that lease at the same time share nothing and miss nothing", async ({ world, create }) => {
    const all = [];
    for (let n = 0; n < 30; n += 1) all.push(await create());
    const workers = Array.from({ length: 6 }, (_, n) => `wrkr_${n}`);
    for (const worker of workers) await world.join(worker);
    const taken = await Promise.all(workers.map((worker) => world.lease(worker, 5)));
    expect(taken.flatMap(idsOf).length).toBe(new Set(taken.flatMap(idsOf)).size);
    const left = await world.lease("wrkr_0", 30);
    expect([...taken.flat(), ...left].map((lease) => lease.runId).toSorted()).toEqual(all);
  });

  check("of workers that want one run at the same time, one gets it", async ({ world, create }) => {
    const runId = await create();
    const workers = Array.from({ length: 6 }, (_, n) => `wrkr_${n}`);
    for (const worker of workers) await world.join(worker);
    const leases = await Promise.all(workers.map((worker) => world.leaseRun(worker, runId)));
    const given = leases.filter((lease) => lease !== null);
    expect(given).toHaveLength(1);
    await ownerOf(world, given[0]).commit(completed);
  });

  check("a run that is created with a lease belongs to that worker from the start", async ({ world }) => {
    await world.join("wrkr_a");
    await world.join("wrkr_b");
    const lease = leaseOf(await world.createRun(newRunOf(1), "wrkr_a"));
    expect(lease).toMatchObject({ runId: runIdOf(1), worker: "wrkr_a" });
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    expect(await world.leaseRun("wrkr_b", runIdOf(1))).toBeNull();
    await ownerOf(world, lease).commit(completed);
  });

  check("a worker commits to a run in the same breath as it creates it", async ({ world }) => {
    await world.join("wrkr_a");
    const lease = { runId: runIdOf(1), worker: "wrkr_a", epoch: FIRST_EPOCH };
    const turn = { after: 1, entries: [entry(started)], drops: [], dueAt: 0 };
    const [given] = await Promise.all([world.createRun(newRunOf(1), "wrkr_a"), world.commit(lease, turn)]);
    expect(given).toEqual({ status: "created", lease });
    expect(await world.runs.get(lease.runId)).toMatchObject({ status: "running" });
  });
}

function describeDueTimes(check: Check): void {
  check("a parked run is due at its time, not before", async ({ world, clock, own }) => {
    const owner = await own();
    await owner.park(AT + HOUR);
    expect(await world.nextDueAt()).toBe(AT + HOUR);
    clock.advanceTo(AT + HOUR - 1);
    await world.join("wrkr_b");
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    clock.advanceTo(AT + HOUR);
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([owner.runId]);
  });

  check("a run that nothing but a fact can move waits for one", async ({ world, clock, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await owner.park(null);
    expect(await world.nextDueAt()).toBeNull();
    clock.advance(1000 * HOUR);
    await world.join("wrkr_b");
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    await world.deliver({ token: "door" }, said("knock"));
    expect(Number(await world.nextDueAt())).toBeLessThanOrEqual(clock.now());
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([owner.runId]);
  });

  for (const when of ["before the commit", "between commit and release", "after the release"] as const) {
    check(`a payload that arrives ${when} wakes a run that parks`, async ({ world, own }) => {
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      const knock = (now: typeof when): unknown => now === when && world.deliver({ token: "door" }, said("knock"));
      await knock("before the commit");
      await owner.turn({ dueAt: AT + HOUR });
      await knock("between commit and release");
      await owner.park(AT + HOUR);
      await knock("after the release");
      await world.join("wrkr_b");
      const [lease] = await world.lease("wrkr_b", 10);
      expect((await ownerOf(world, lease).inbox()).map((fact) => fact.event.type)).toEqual(["hook_received"]);
    });
  }

  for (const [how, go] of [
    ["leaves", (world: World) => world.leave("wrkr_a")],
    ["dies", async (_world: World, clock: TestClock) => clock.advance(LEASE_TTL_MS + 1)],
  ] as const) {
    check(`a payload that its owner has not taken when it ${how} wakes the run`, async ({ world, clock, own }) => {
      const before = await own("wrkr_a");
      await before.commit(hookCreated("hook_1", "door"));
      await world.deliver({ token: "door" }, said("knock"));
      await before.turn({ dueAt: AT + HOUR });
      const after = await own("wrkr_a");
      await after.turn({ entries: [entry(hookCreated("hook_2", "gate"))], dueAt: null });
      await world.deliver({ token: "gate" }, said("knock"));
      await go(world, clock);
      await world.join("wrkr_b");
      expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([before.runId, after.runId]);
    });
  }

  check("payloads that race with parking are never slept on", async ({ world, own }) => {
    const owners = await Promise.all(Array.from({ length: 20 }, (_, n) => own(`wrkr_${n % 4}`)));
    for (const [n, owner] of owners.entries()) await owner.commit(hookCreated(`hook_${n}`, `door ${n}`));
    await Promise.all(
      owners.flatMap((owner, n) => [
        world.deliver({ token: `door ${n}` }, said("knock")),
        owner.turn({ after: 3 }).then(() => owner.park()),
      ]),
    );
    await world.join("wrkr_heir");
    const woken = await world.lease("wrkr_heir", 100);
    expect(idsOf(woken)).toEqual(owners.map((owner) => owner.runId));
  });

  check("a commit says when the run is due for whoever comes next", async ({ world, clock, own }) => {
    const busy = await own("wrkr_a");
    await busy.turn({ entries: [], dueAt: 0 });
    const sleepy = await own("wrkr_a");
    await sleepy.turn({ dueAt: AT + HOUR });
    const waiting = await own("wrkr_a");
    await waiting.turn({ dueAt: null });
    clock.advance(LEASE_TTL_MS + 1);
    await world.join("wrkr_b");
    expect(idsOf(await world.lease("wrkr_b", 10))).toEqual([busy.runId]);
    expect(await world.nextDueAt()).toBe(AT + HOUR);
    clock.advanceTo(AT + HOUR);
    await world.join("wrkr_c");
    expect(idsOf(await world.lease("wrkr_c", 10))).toEqual([busy.runId, sleepy.runId]);
  });

  check("the next due time is the earliest of the runs that nobody holds", async ({ world, own }) => {
    expect(await world.nextDueAt()).toBeNull();
    const late = await own();
    const early = await own();
    const held = await own();
    await held.turn({ dueAt: AT + 1 });
    await late.park(AT + 3 * HOUR);
    expect(await world.nextDueAt()).toBe(AT + 3 * HOUR);
    await early.park(AT + HOUR);
    expect(await world.nextDueAt()).toBe(AT + HOUR);
    await world.leave("wrkr_a");
    expect(await world.nextDueAt()).toBe(AT + 1);
  });
}

function describeOwners(check: Check): void {
  check("an owner is shown its own runs again when facts wait, with the lease it has", async ({ world, own }) => {
    const owner = await own("wrkr_a");
    await owner.turn({ entries: [], dueAt: 0 });
    expect(await world.lease("wrkr_a", 10)).toEqual([]);
    await world.deliver({ runId: owner.runId }, cancelled());
    expect(await world.lease("wrkr_a", 10)).toEqual([owner.lease]);
    expect(await world.lease("wrkr_a", 10)).toEqual([owner.lease]);
    await world.join("wrkr_b");
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    await owner.turn({ entries: [admit(Number((await owner.inbox())[0]?.id))] });
    expect(await world.lease("wrkr_a", 10)).toEqual([]);
  });

  check("one run can be leased by its id when it is not due, unless somebody alive owns it", async (scene) => {
    const { world, own } = scene;
    const owner = await own("wrkr_a");
    await world.join("wrkr_b");
    expect(await world.leaseRun("wrkr_b", owner.runId)).toBeNull();
    expect(await world.leaseRun("wrkr_a", owner.runId)).toBeNull();
    await owner.park(AT + HOUR);
    expect(await world.leaseRun("wrkr_b", owner.runId)).toMatchObject({
      runId: owner.runId,
      worker: "wrkr_b",
    });
    expect(await world.leaseRun("wrkr_b", runIdOf(999))).toBeNull();
  });

  check("an ended run is never leased again", async ({ world, clock, own }) => {
    const owner = await own("wrkr_a");
    await world.deliver({ runId: owner.runId }, cancelled());
    await owner.turn({ entries: [{ kind: "event", event: completed }], dueAt: 0 });
    await owner.park(0);
    clock.advance(HOUR);
    await world.join("wrkr_b");
    expect(await world.lease("wrkr_b", 10)).toEqual([]);
    expect(await world.leaseRun("wrkr_b", owner.runId)).toBeNull();
    expect(await world.nextDueAt()).toBeNull();
  });

  for (const ms of [HOUR, -HOUR]) {
    check(`a clock that is set ${ms > 0 ? "forward" : "back"} by an hour takes no run away`, async (scene) => {
      const { world, clock, own } = scene;
      const owner = await own("wrkr_a");
      await owner.turn({ entries: [], dueAt: 0 });
      await world.join("wrkr_b");
      clock.jump(ms);
      expect(await world.lease("wrkr_b", 10)).toEqual([]);
      expect(await world.leaseRun("wrkr_b", owner.runId)).toBeNull();
      await owner.turn({ entries: [], dueAt: 0 });
      await world.renew("wrkr_a");
      clock.advance(LEASE_TTL_MS - 1);
      expect(await world.leaseRun("wrkr_b", owner.runId)).toBeNull();
      clock.advance(1);
      expect(await world.leaseRun("wrkr_b", owner.runId)).toMatchObject({ runId: owner.runId });
    });
  }
}
