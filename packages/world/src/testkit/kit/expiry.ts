import { describe, expect } from "vitest";
import {
  admit,
  cancelled,
  claimOf,
  completed,
  entry,
  failed,
  hookCreated,
  hookDisposed,
  hookExpired,
  hookLasting,
  newRunOf,
  payload,
  said,
} from "./events.ts";
import type { Check, Scene } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";

const MINUTE = 60_000;

/** Invariant I6, where time decides who has a token. */
export function describeExpiry(check: Check): void {
  describe("I6 expiry and retention", () => {
    describeExpired(check);
    describeRetained(check);
  });
}

function inAMinute({ clock }: Scene): { readonly expiresAt: number } {
  return { expiresAt: clock.now() + MINUTE };
}

function retained({ clock }: Scene): { readonly tokenRetentionUntil: number } {
  return { tokenRetentionUntil: clock.now() + MINUTE };
}

function describeExpired(check: Check): void {
  check("a hook takes payloads until it expires, and is found until then", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own();
    await owner.commit(hookLasting("hook_1", "door", inAMinute(scene)));
    const byId = { ...said("by id"), correlationId: "hook_1" };
    clock.advance(MINUTE - 1);
    expect(await world.deliver({ token: "door" }, said("in time"))).toMatchObject({ status: "delivered" });
    expect(await world.deliver({ runId: owner.runId }, byId)).toMatchObject({ status: "delivered" });
    const hook = await world.hooks.getByToken("door");
    expect(hook.expiresAt).toEqual(new Date(clock.now() + 1));
    expect(await world.hooks.get("hook_1")).toEqual(hook);
    clock.advance(1);
    expect(await world.deliver({ token: "door" }, said("late"))).toEqual({ status: "nobody" });
    expect(await world.deliver({ runId: owner.runId }, byId)).toEqual({ status: "nobody" });
    for (const lookup of [world.hooks.get("hook_1"), world.hooks.getByToken("door")])
      await expect(lookup).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
    expect((await world.hooks.list()).data).toEqual([]);
    expect((await world.hooks.list({ runId: owner.runId })).data).toEqual([]);
    expect(await owner.inbox()).toHaveLength(2);
  });

  check("a hook expires in its history after what came for it in time, and not before", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own();
    await owner.commit(hookLasting("hook_1", "door", inAMinute(scene)), hookCreated("hook_2", "gate"));
    for (const text of ["one", "two"]) await world.deliver({ token: "door" }, said(text));
    await world.deliver({ token: "gate" }, said("three"));
    clock.advance(2 * MINUTE);
    const [one = 0, two = 0] = (await owner.inbox()).map((fact) => fact.id);
    await expectRefused(world, () => owner.commit(hookExpired("hook_1")), "PRECONDITION_FAILED");
    const early = [admit(one), entry(hookExpired("hook_1")), admit(two)];
    await expectRefused(world, () => owner.turn({ entries: early }), "PRECONDITION_FAILED");
    await owner.turn({ entries: [admit(one)] });
    await owner.turn({ entries: [admit(two), entry(hookExpired("hook_1"))] });
    expect((await owner.history()).slice(4).map((event) => [event.type, event.payload, event.data])).toEqual([
      ["hook_received", payload("one"), {}],
      ["hook_received", payload("two"), {}],
      ["hook_disposed", undefined, { expired: true }],
    ]);
    expect(await owner.inbox()).toHaveLength(1);
  });

  check("what was held for a hook comes before its end, also when that is in the same turn", async (scene) => {
    const { world, clock, own } = scene;
    const owner = await own();
    await world.deliver({ token: "door" }, said("held"), { holdUntil: clock.now() + MINUTE });
    const over = hookLasting("hook_1", "door", { expiresAt: clock.now() });
    await expectRefused(world, () => owner.commit(over, hookExpired("hook_1")), "PRECONDITION_FAILED");
    await owner.commit(over);
    await owner.turn({
      entries: [...(await owner.inbox()).map((fact) => admit(fact.id)), entry(hookExpired("hook_1"))],
    });
    expect((await owner.history()).slice(-2).map((event) => event.data)).toEqual([{}, { expired: true }]);
  });

  for (const [how, end] of [
    ["is disposed of", hookExpired("hook_1")],
    ["ends with its run", completed],
  ] as const) {
    check(`a token is free when its hook expires; that hook frees nothing when it ${how}`, async (scene) => {
      const { world, clock, own } = scene;
      const first = await own();
      const second = await own();
      await first.commit(hookLasting("hook_1", "door", inAMinute(scene)));
      clock.advance(MINUTE - 1);
      expect((await second.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({ hook_2: first.runId });
      clock.advance(1);
      expect((await second.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
      await first.commit(end);
      expect(await world.deliver({ token: "door" }, said("knock"))).toMatchObject({ runId: second.runId });
      expect((await world.hooks.getByToken("door")).hookId).toBe("hook_3");
      expect((await world.hooks.list()).data.map((hook) => hook.hookId)).toEqual(["hook_3"]);
    });
  }

  check(
    "a run may give the token of its expired hook to another of its hooks before it disposes of the first",
    async (scene) => {
      const { world, clock, own } = scene;
      const owner = await own();
      await owner.commit(hookLasting("hook_1", "door", inAMinute(scene)));
      clock.advance(MINUTE);
      const { conflicts } = await owner.commit(
        hookLasting("hook_2", "door", inAMinute(scene)),
        hookExpired("hook_1"),
        hookCreated("hook_3", "door"),
      );
      expect(conflicts).toEqual({ hook_3: owner.runId });
      expect((await world.hooks.getByToken("door")).hookId).toBe("hook_2");
    },
  );

  check("after a hook expired, payloads are held for the next, and a creation may claim the token", async (scene) => {
    const { world, clock, own } = scene;
    const first = await own();
    await first.commit(hookLasting("hook_1", "door", inAMinute(scene)));
    clock.advance(MINUTE);
    const held = await world.deliver({ token: "door" }, said("held"), { holdUntil: clock.now() + MINUTE });
    expect(held.status).toBe("held");
    const second = await own("wrkr_a", claimOf("door", "start"));
    await first.commit(hookExpired("hook_1"));
    await second.commit(hookCreated("hook_of door", "door"));
    expect((await second.inbox()).map((fact) => fact.event.payload)).toEqual(["held", "start"].map(payload));
  });
}

function describeRetained(check: Check): void {
  for (const end of [completed, failed, cancelled()]) {
    check(`a token that is retained is nobody else's after ${end.type}, until its time`, async (scene) => {
      const { world, clock, own } = scene;
      const first = await own();
      await first.commit(hookLasting("hook_1", "door", retained(scene)), end);
      clock.advance(MINUTE - 1);
      const hook = await world.hooks.getByToken("door");
      expect(hook).toMatchObject({ runId: first.runId, tokenRetentionUntil: new Date(clock.now() + 1) });
      await expect(world.hooks.get("hook_1")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
      expect((await world.hooks.list()).data).toEqual([]);
      for (const options of [{}, { holdUntil: clock.now() + MINUTE }])
        expect(await world.deliver({ token: "door" }, said("late"), options)).toEqual({ status: "nobody" });
      expect(await world.createRun(newRunOf(50, claimOf("door", "late")))).toEqual({
        status: "resumed",
        delivery: { status: "nobody" },
      });
      const second = await own();
      expect((await second.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({ hook_2: first.runId });
      clock.advance(1);
      await expect(world.hooks.getByToken("door")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
      expect((await second.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
      expect(await world.deliver({ token: "door" }, said("in time"))).toMatchObject({ runId: second.runId });
    });
  }

  check("disposing of a hook gives a retained token back at once", async (scene) => {
    const { world, own } = scene;
    const first = await own();
    await first.commit(hookLasting("hook_1", "door", retained(scene)), hookLasting("hook_2", "gate", retained(scene)));
    await first.commit(hookDisposed("hook_1"));
    const second = await own();
    expect((await second.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
    await first.commit(hookDisposed("hook_2"), completed);
    expect((await second.commit(hookCreated("hook_4", "gate"))).conflicts).toEqual({});
    expect((await world.hooks.getByToken("door")).runId).toBe(second.runId);
  });

  check("a retention that is over before the run ends changes nothing about the hook or the end", async (scene) => {
    const { world, clock, own } = scene;
    const first = await own();
    await first.commit(hookLasting("hook_1", "door", retained(scene)));
    clock.advance(2 * MINUTE);
    expect(await world.deliver({ token: "door" }, said("knock"))).toMatchObject({ runId: first.runId });
    await first.commit(completed);
    const second = await own();
    expect((await second.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({});
  });

  check("a hook in conflict retains nothing", async (scene) => {
    const { world, own } = scene;
    const first = await own();
    const second = await own();
    await first.commit(hookCreated("hook_1", "door"));
    await second.commit(hookLasting("hook_2", "door", retained(scene)), completed);
    await first.commit(hookDisposed("hook_1"));
    await expect(world.hooks.getByToken("door")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
    const third = await own();
    expect((await third.commit(hookCreated("hook_3", "door"))).conflicts).toEqual({});
  });
}
