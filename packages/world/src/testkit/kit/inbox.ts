import { describe, expect } from "vitest";
import { LEASE_TTL_MS, type NewEvent } from "workflow/world";
import {
  admit,
  cancelled,
  completed,
  entry,
  hookCreated,
  hookDisposed,
  payload,
  runIdOf,
  said,
  stepCreated,
  waitCompleted,
  waitCreated,
} from "./events.ts";
import type { Check } from "./scene.ts";
import { expectRefused, UNACCEPTABLE } from "./snapshot.ts";

/** Invariant I2: everyone but the owner writes to the inbox, and the owner takes from it in its commits. */
export function describeInbox(check: Check): void {
  describe("I2 facts wait outside", () => {
    describeArrival(check);
    describeAdmission(check);
    describeDrops(check);
    describeOwnPayloads(check);
  });
}

function describeArrival(check: Check): void {
  check("a fact goes to the inbox and not into the history", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), waitCreated("wait_1", 5));
    const before = await owner.history();
    await world.deliver({ token: "door" }, said("knock"));
    await world.deliver({ runId: owner.runId }, waitCompleted("wait_1"));
    await world.deliver({ runId: owner.runId }, cancelled("enough"));
    expect(await owner.history()).toEqual(before);
    expect((await owner.inbox()).map((fact) => fact.event)).toEqual([
      { ...said("knock"), correlationId: "hook_1" },
      waitCompleted("wait_1"),
      cancelled("enough"),
    ]);
    expect((await world.runs.get(owner.runId)).status).toBe("running");
  });

  check("fact ids grow in the order of acceptance, across runs", async ({ world, own }) => {
    const a = await own();
    const b = await own();
    await a.commit(hookCreated("hook_a", "a"));
    await b.commit(hookCreated("hook_b", "b"));
    for (const token of ["a", "b", "b", "a"]) await world.deliver({ token }, said(token));
    const [a1, a2] = (await a.inbox()).map((fact) => fact.id);
    const [b1, b2] = (await b.inbox()).map((fact) => fact.id);
    const accepted = [a1, b1, b2, a2].map(Number);
    expect(accepted).toEqual(accepted.toSorted((x, y) => x - y));
    expect(new Set(accepted).size).toBe(4);
  });

  check("fifty facts that are sent at once all arrive, each once", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const texts = Array.from({ length: 50 }, (_, n) => `knock ${n}`);
    await Promise.all(texts.map((text) => world.deliver({ token: "door" }, said(text))));
    const inbox = await owner.inbox();
    const ids = inbox.map((fact) => fact.id);
    expect(inbox.map((fact) => fact.event.payload).toSorted()).toEqual(texts.map(payload).toSorted());
    expect(ids).toEqual(ids.toSorted((x, y) => x - y));
  });

  check("facts survive the worker that did not take them", async ({ world, clock, own, take }) => {
    const owner = await own("wrkr_a");
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("one"));
    await owner.park();
    const second = await take("wrkr_b", owner.runId);
    await world.deliver({ token: "door" }, said("two"));
    clock.advance(LEASE_TTL_MS + 1);
    const third = await take("wrkr_c", owner.runId);
    const inbox = await third.inbox();
    expect(inbox.map((fact) => fact.event.payload)).toEqual([payload("one"), payload("two")]);
    expect(await third.history()).toEqual(await second.history());
    await third.turn({ entries: inbox.map((fact) => admit(fact.id)) });
    expect(await third.inbox()).toEqual([]);
  });

  check("an owner reads the history after any position", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(stepCreated("step_1"), stepCreated("step_2"));
    const whole = await world.read(owner.runId, 0);
    expect(whole.seed).toBe(String(1).padStart(32, "5eed"));
    for (const after of [0, 1, 3, 4, 9]) {
      const { seed, history } = await world.read(owner.runId, after);
      expect(seed).toBe(whole.seed);
      expect(history).toEqual(whole.history.slice(after));
    }
    await expect(world.read(runIdOf(999), 0)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  });
}

function describeAdmission(check: Check): void {
  check("facts enter the history where the turn puts them", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    for (const text of ["one", "two", "three"]) await world.deliver({ token: "door" }, said(text));
    const [one, two, three] = (await owner.inbox()).map((fact) => fact.id);
    await owner.turn({
      entries: [
        admit(Number(two)),
        entry(stepCreated("step_1")),
        admit(Number(one)),
        admit(Number(three)),
        entry(stepCreated("step_2")),
      ],
    });
    const written = (await owner.history()).slice(3);
    const placed = [
      { ...said("two"), correlationId: "hook_1" },
      stepCreated("step_1"),
      { ...said("one"), correlationId: "hook_1" },
      { ...said("three"), correlationId: "hook_1" },
      stepCreated("step_2"),
    ];
    expect(written).toEqual(placed.map((event, index) => ({ ...event, position: 4 + index, turn: 4 })));
  });

  check("what a turn does not admit stays, and the commit says so", async ({ world, own }) => {
    const owner = await own();
    expect(await owner.commit(hookCreated("hook_1", "door"))).toEqual({
      conflicts: {},
      unread: false,
    });
    await world.deliver({ token: "door" }, said("one"));
    const [one] = await owner.inbox();
    await world.deliver({ token: "door" }, said("two"));
    const first = await owner.turn({ entries: [admit(Number(one?.id))] });
    expect(first.unread).toBe(true);
    const left = await owner.inbox();
    expect(left.map((fact) => fact.event.payload)).toEqual([payload("two")]);
    expect((await owner.turn({ entries: left.map((fact) => admit(fact.id)) })).unread).toBe(false);
  });

  check("a fact can be admitted once, by the run it was sent to", async ({ world, own }) => {
    const owner = await own();
    const other = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await other.commit(hookCreated("hook_2", "gate"));
    await world.deliver({ token: "door" }, said("mine"));
    await world.deliver({ token: "gate" }, said("not mine"));
    const mine = Number((await owner.inbox())[0]?.id);
    const notMine = Number((await other.inbox())[0]?.id);
    const refused = [[admit(notMine)], [admit(mine), admit(mine)], [admit(mine), admit(notMine)], [admit(9_999_999)]];
    for (const entries of refused) {
      await expectRefused(world, () => owner.turn({ entries }), ...UNACCEPTABLE);
    }
    await owner.turn({ entries: [admit(mine)] });
    await expectRefused(world, () => owner.turn({ entries: [admit(mine)] }), ...UNACCEPTABLE);
  });
}

function describeDrops(check: Check): void {
  check("a dropped fact leaves no event", async ({ world, own }) => {
    const owner = await own();
    await world.deliver({ runId: owner.runId }, waitCompleted("wait_over"));
    const drops = (await owner.inbox()).map((fact) => fact.id);
    expect(drops).toHaveLength(1);
    expect((await owner.turn({ drops })).unread).toBe(false);
    expect(await owner.inbox()).toEqual([]);
    expect(await owner.history()).toHaveLength(2);
  });

  check("only a fact of the inbox can be dropped, and not together with its admission", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(waitCreated("wait_1", 5));
    await world.deliver({ runId: owner.runId }, waitCompleted("wait_1"));
    const id = Number((await owner.inbox())[0]?.id);
    await expectRefused(world, () => owner.turn({ drops: [id + 1] }), ...UNACCEPTABLE);
    await expectRefused(world, () => owner.turn({ drops: [id], entries: [admit(id)] }), ...UNACCEPTABLE);
    await owner.turn({ entries: [admit(id), entry(completed)] });
  });

  check("a hook payload cannot be dropped: it was acknowledged", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("knock"));
    const drops = (await owner.inbox()).map((fact) => fact.id);
    await expectRefused(world, () => owner.turn({ drops }), ...UNACCEPTABLE);
    await expectRefused(world, () => owner.turn({ drops, entries: [entry(completed)] }), ...UNACCEPTABLE);
  });
}

/** A payload that the owner was given itself needs no inbox: it may stand in a turn as an event. */
function describeOwnPayloads(check: Check): void {
  const knock: NewEvent = { ...said("knock"), correlationId: "hook_1" };

  check("a payload may be put straight into the history by the owner", async ({ own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await owner.commit(knock, stepCreated("step_1"));
    expect((await owner.history()).slice(3)).toEqual([
      { ...knock, position: 4, turn: 4 },
      { ...stepCreated("step_1"), position: 5, turn: 4 },
    ]);
  });

  check("such a payload never overtakes a fact: the turn is refused as long as one is left", async (scene) => {
    const { world, own } = scene;
    for (const fact of [said("first"), cancelled("first")]) {
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      await world.deliver(fact.type === "hook_received" ? { token: "door" } : { runId: owner.runId }, fact);
      const [first] = await owner.inbox();
      await expectRefused(world, () => owner.commit(knock), "PRECONDITION_FAILED");
      await expectRefused(
        world,
        () => owner.turn({ entries: [entry(knock), admit(Number(first?.id))] }),
        "PRECONDITION_FAILED",
      );
      await owner.turn({ entries: [admit(Number(first?.id))] });
      expect(await owner.inbox()).toEqual([]);
      if (fact.type === "hook_received") await owner.commit(knock, completed);
    }
  });

  check("such a payload may follow facts of the same turn", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("first"));
    const [first] = await owner.inbox();
    await owner.turn({ entries: [admit(Number(first?.id)), entry(knock)] });
    expect((await owner.history()).slice(3).map((event) => event.payload)).toEqual([payload("first"), knock.payload]);
  });

  check("such a payload needs a hook that is active", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"));
    await expectRefused(world, () => owner.commit(knock), ...UNACCEPTABLE);
    await expectRefused(world, () => owner.commit({ ...knock, correlationId: "hook_2" }), ...UNACCEPTABLE);
  });
}
