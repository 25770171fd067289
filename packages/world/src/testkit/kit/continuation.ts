import { describe, expect } from "vitest";
import { FIRST_EPOCH } from "workflow/world";
import {
  admit,
  AT,
  cancelled,
  CODE,
  completed,
  continued,
  entry,
  hookCreated,
  hookDisposed,
  payload,
  said,
  started,
  stepCompleted,
  stepCreated,
  stepStarted,
  waitCompleted,
  waitCreated,
} from "./events.ts";
import type { Check, Owner } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";

/** Runs that go on as new. */
export function describeContinuation(check: Check): void {
  describe("continuation", () => {
    describeReset(check);
    describeTokens(check);
    describeInbox(check);
  });
}

async function textsOf(owner: Owner): Promise<readonly unknown[]> {
  return (await owner.inbox()).map(({ event }) => event.payload);
}

function describeReset(check: Check): void {
  check("the history is a run_created of the next generation, under the same lease", async ({ own, world }) => {
    const owner = await own();
    const before = await world.runs.get(owner.runId);
    await owner.commit(stepCreated("step_1"), stepStarted("step_1"), waitCreated("wait_1", AT + 10));
    await owner.turn({ entries: [entry(stepCompleted("step_1")), continued()], dueAt: null });
    const data = {
      workflowName: before.workflowName,
      codeHash: CODE.hash,
      attributes: before.attributes,
      generation: 1,
      since: before.createdAt.getTime(),
    };
    expect(await owner.history()).toEqual([
      { type: "run_created", data, payload: payload("next input"), at: AT + 500, position: 1, turn: 1 },
    ]);
    const after = await world.runs.get(owner.runId);
    expect(after).toMatchObject({ status: "pending", createdAt: before.createdAt, generation: 1 });
    expect(after).toMatchObject({ input: payload("next input") });
    expect(after.startedAt).toBeUndefined();
    expect((await world.steps.list({ runId: owner.runId })).data).toEqual([]);
    await owner.turn({ after: 1, entries: [entry(started), entry(stepCreated("step_1")), continued()] });
    expect((await owner.history())[0]?.data).toMatchObject({ generation: 2, since: before.createdAt.getTime() });
    await owner.turn({ after: 1, entries: [entry(started), entry(completed)] });
    expect(await world.runs.get(owner.runId)).toMatchObject({ status: "completed", createdAt: before.createdAt });
  });

  check("it is due at once for whoever comes, if its owner goes", async ({ own, world }) => {
    const owner = await own();
    await owner.turn({ entries: [continued()], dueAt: null });
    await world.leave("wrkr_a");
    await world.join("wrkr_b");
    const leases = await world.lease("wrkr_b", 10);
    expect(leases).toEqual([{ runId: owner.runId, worker: "wrkr_b", epoch: FIRST_EPOCH + 1 }]);
  });

  check("nothing can follow in the turn, and a stale lease continues nothing", async (scene) => {
    const owner = await scene.own();
    const trailing = [continued(), entry(stepCreated("step_1"))];
    await expectRefused(scene.world, () => owner.turn({ entries: trailing }), "INVALID_ARGUMENT");
    await scene.world.leave("wrkr_a");
    const other = await scene.take("wrkr_b", owner.runId);
    await expectRefused(scene.world, () => owner.turn({ entries: [continued()] }), "LEASE_LOST");
    await other.turn({ entries: [continued()] });
  });

  check(
    "it goes on with code that is stored, or not at all: what no run needs may be collected meanwhile",
    async (scene) => {
      const { world } = scene;
      const owner = await scene.own();
      const next = { ...CODE, hash: "f".repeat(64) };
      const entries = [continued({ codeHash: next.hash })];
      await expectRefused(world, () => owner.turn({ entries }), "PRECONDITION_FAILED");
      await world.code.put(next);
      await world.code.collect(Infinity);
      await expectRefused(world, () => owner.turn({ entries }), "PRECONDITION_FAILED");
      await world.code.put(next);
      await owner.turn({ entries });
      await world.code.collect(Infinity);
      expect(await world.code.get(next.hash)).not.toBeNull();
    },
  );

  check("a history as long as the one before is not taken for it", async (scene) => {
    const owner = await scene.own();
    await owner.commit(stepCreated("step_1"));
    await scene.world.leave("wrkr_a");
    const other = await scene.take("wrkr_b", owner.runId);
    await other.turn({ entries: [continued()] });
    await other.turn({ after: 1, entries: [entry(started), entry(waitCreated("wait_1", AT))] });
    await scene.world.leave("wrkr_b");
    const again = await scene.take("wrkr_a", owner.runId);
    await again.commit(stepCreated("step_1"), waitCompleted("wait_1"));
  });
}

function describeTokens(check: Check): void {
  check("what it received and did not take, and what is in the inbox, waits for the next hook", async (scene) => {
    const { own, world } = scene;
    const owner = await own();
    await owner.commit(hookCreated("hook_a", "door"));
    for (const text of ["1", "2", "3"]) await world.deliver({ token: "door" }, said(text));
    const entries = (await owner.inbox()).map(({ id }) => admit(id));
    await owner.turn({ entries });
    await world.deliver({ token: "door" }, said("4"));
    const hooks = [{ token: "door", hookId: "hook_next" }];
    await owner.turn({ entries: [continued({ hooks, untaken: [5, 6] })] });
    expect(await world.deliver({ token: "door" }, said("5"))).toMatchObject({
      status: "delivered",
      runId: owner.runId,
      hook: { hookId: "hook_next" },
    });
    expect(await owner.inbox()).toEqual([]);
    await owner.turn({ after: 1, entries: [entry(started), entry(hookCreated("hook_next", "door"))] });
    expect(await textsOf(owner)).toEqual(["2", "3", "4", "5"].map(payload));
    expect((await owner.inbox()).every(({ event }) => event.correlationId === "hook_next")).toBe(true);
  });

  check("keys that were used stay used", async ({ own, world }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_a", "door"));
    await world.deliver({ token: "door" }, said("1"), { idempotencyKey: "k" });
    await owner.turn({ entries: [continued({ hooks: [{ token: "door", hookId: "hook_next" }] })] });
    const repeated = await world.deliver({ token: "door" }, said("1"), { idempotencyKey: "k" });
    expect(repeated).toMatchObject({ status: "duplicate", runId: owner.runId, hook: { hookId: "hook_next" } });
    await owner.turn({ after: 1, entries: [entry(started), entry(hookCreated("hook_next", "door"))] });
    expect(await textsOf(owner)).toEqual([payload("1")]);
  });

  check("nobody else gets the token in between; a hook that was disposed has lost it", async ({ own }) => {
    const owner = await own();
    const other = await own();
    await owner.commit(hookCreated("hook_a", "door"), hookCreated("hook_b", "window"), hookDisposed("hook_b"));
    await owner.turn({ entries: [continued({ hooks: [{ token: "door", hookId: "hook_a" }] })] });
    const { conflicts } = await other.commit(hookCreated("hook_x", "door"), hookCreated("hook_y", "window"));
    expect(conflicts).toEqual({ hook_x: owner.runId });
  });

  check(
    "payloads for a token that the next generation never asks for stand in its history at its end",
    async (scene) => {
      const { own, world } = scene;
      const owner = await own();
      await owner.commit(hookCreated("hook_a", "door"));
      await world.deliver({ token: "door" }, said("1"));
      await owner.turn({ entries: [continued({ hooks: [{ token: "door", hookId: "hook_a" }] })] });
      await owner.turn({ after: 1, entries: [entry(started), entry(completed)] });
      const undelivered = (await owner.history()).find(({ type }) => type === "hook_received");
      expect(undelivered).toMatchObject({ data: { undelivered: true, token: "door" }, payload: payload("1") });
      expect(await world.deliver({ token: "door" }, said("2"))).toEqual({ status: "nobody" });
    },
  );
}

function describeInbox(check: Check): void {
  check("a cancellation that waits is for the next generation; a wake-up of an old wait is not", async (scene) => {
    const { own, world } = scene;
    const owner = await own();
    await owner.commit(waitCreated("wait_1", AT + 10));
    await world.deliver({ runId: owner.runId }, waitCompleted("wait_1"));
    await world.deliver({ runId: owner.runId }, cancelled("stop"));
    await owner.turn({ entries: [continued()] });
    expect((await owner.inbox()).map(({ event }) => event)).toEqual([cancelled("stop")]);
    await owner.park(null);
    expect(await world.lease("wrkr_a", 10)).toHaveLength(1);
  });
}
