import { describe, expect } from "vitest";
import type { NewEvent } from "workflow/world";
import {
  admit,
  AT,
  cancelled,
  completed,
  entry,
  failed,
  hookCreated,
  hookDisposed,
  payload,
  runIdOf,
  said,
  stepCreated,
  waitCompleted,
  waitCreated,
} from "./events.ts";
import type { Check, Owner } from "./scene.ts";
import { expectRefused, snapshotOf, UNACCEPTABLE } from "./snapshot.ts";

/** Invariant I5: what was acknowledged is delivered once and in order, or stays visible as undelivered. */
export function describeResume(check: Check): void {
  describe("I5 resume", () => {
    describeAnswers(check);
    describeRunFacts(check);
    describeEnds(check);
  });
}

function describeAnswers(check: Check): void {
  check("a payload that is delivered names its run and hook", async ({ world, own }) => {
    const owner = await own();
    await owner.commit({
      type: "hook_created",
      correlationId: "hook_1",
      data: { token: "door", isWebhook: true },
      payload: payload("who knocks"),
      at: AT + 3,
    });
    const delivery = await world.deliver({ token: "door" }, said("me"));
    const hook = await world.hooks.getByToken("door");
    expect(delivery).toEqual({ status: "delivered", runId: owner.runId, hook });
    expect(hook).toMatchObject({
      runId: owner.runId,
      hookId: "hook_1",
      token: "door",
      isWebhook: true,
      metadata: payload("who knocks"),
      createdAt: new Date(AT + 3),
    });
  });

  check("a token that nobody holds takes nothing, and nothing is written", async ({ world, own }) => {
    const disposer = await own();
    await disposer.commit(hookCreated("hook_1", "disposed"), hookDisposed("hook_1"));
    const ended = await own();
    await ended.commit(hookCreated("hook_2", "ended"));
    await ended.commit(completed);
    const owner = await own();
    await owner.commit(hookCreated("hook_3", "held"));
    const before = await snapshotOf(world);
    for (const token of ["disposed", "ended", "never", "", "hel", "held ", "HELD", owner.runId, "hook_3"]) {
      expect(await world.deliver({ token }, said("hello?"))).toEqual({ status: "nobody" });
    }
    expect(await snapshotOf(world)).toEqual(before);
  });

  check("the empty token never finds anybody", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "")).catch(() => undefined);
    expect(await world.deliver({ token: "" }, said("hello?"))).toEqual({ status: "nobody" });
    await expect(world.hooks.getByToken("")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
  });

  check("each hook gets its own payloads in the order they were accepted", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "left"), hookCreated("hook_2", "right"));
    for (const [token, text] of [
      ["left", "1"],
      ["right", "2"],
      ["left", "3"],
      ["right", "4"],
      ["left", "5"],
    ] as const) {
      await world.deliver({ token }, said(text));
    }
    const inbox = await owner.inbox();
    const textsOf = (hookId: string): unknown[] =>
      inbox.filter((fact) => fact.event.correlationId === hookId).map((fact) => fact.event.payload);
    expect(textsOf("hook_1")).toEqual(["1", "3", "5"].map(payload));
    expect(textsOf("hook_2")).toEqual(["2", "4"].map(payload));
  });

  check("a token takes payloads and nothing else", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await expectRefused(world, () => world.deliver({ token: "door" }, cancelled()), "INVALID_ARGUMENT");
    await expectRefused(world, () => world.deliver({ token: "door" }, waitCompleted("wait_1")), "INVALID_ARGUMENT");
  });

  check("a payload can be sent to a hook of a run by its id", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookCreated("hook_2", "gate"), hookDisposed("hook_2"));
    const to = { runId: owner.runId };
    const fact = { ...said("by id"), correlationId: "hook_1" };
    expect(await world.deliver(to, fact)).toEqual({ status: "delivered", runId: owner.runId });
    for (const hookId of ["hook_2", "hook_9"]) {
      expect(await world.deliver(to, { ...fact, correlationId: hookId })).toEqual({
        status: "nobody",
      });
    }
    expect((await owner.inbox()).map(({ event }) => event)).toEqual([fact]);
  });
}

function describeRunFacts(check: Check): void {
  check("a run that nobody has worked on yet takes cancellations and wake-ups", async ({ world, create }) => {
    const runId = await create();
    expect(await world.deliver({ runId }, cancelled("early"))).toEqual({
      status: "delivered",
      runId,
    });
    expect(await world.deliver({ runId }, waitCompleted("wait_1"))).toEqual({
      status: "delivered",
      runId,
    });
    const { inbox } = await world.read(runId, 0);
    expect(inbox.map((fact) => fact.event)).toEqual([cancelled("early"), waitCompleted("wait_1")]);
  });

  check("an unknown run is nobody; an ended run says how it ended", async ({ world, own }) => {
    expect(await world.deliver({ runId: runIdOf(999) }, cancelled())).toEqual({ status: "nobody" });
    const ends = [completed, failed, cancelled()] as const;
    for (const [end, runStatus] of [
      [ends[0], "completed"],
      [ends[1], "failed"],
      [ends[2], "cancelled"],
    ] as const) {
      const { runId, commit } = await own();
      await commit(hookCreated(`hook_${runStatus}`, runStatus));
      await commit(end);
      const before = await snapshotOf(world);
      const late = { ...said("late"), correlationId: `hook_${runStatus}` };
      for (const fact of [cancelled(), waitCompleted("wait_1"), late]) {
        expect(await world.deliver({ runId }, fact)).toEqual({ status: "ended", runId, runStatus });
      }
      expect(await snapshotOf(world)).toEqual(before);
    }
  });

  check("a cancellation that repeats an unread one adds no second fact", async ({ world, own }) => {
    const { runId, inbox } = await own();
    const reasons = Array.from({ length: 10 }, (_, n) => cancelled(`reason ${n}`));
    const answers = await Promise.all(reasons.map((fact) => world.deliver({ runId }, fact)));
    expect(answers).toEqual(reasons.map(() => ({ status: "delivered", runId })));
    expect(await inbox()).toHaveLength(1);
  });

  check("payloads and wake-ups are never taken for repeats", async ({ world, own }) => {
    const { runId, commit, inbox } = await own();
    await commit(hookCreated("hook_1", "door"));
    for (let n = 0; n < 3; n += 1) {
      await world.deliver({ token: "door" }, said("same"));
      await world.deliver({ runId }, waitCompleted("wait_1"));
    }
    expect(await inbox()).toHaveLength(6);
  });
}

const ENDS: readonly (readonly [string, NewEvent])[] = [
  ["completes", completed],
  ["fails", failed],
  ["is cancelled", cancelled("enough")],
];

function describeEnds(check: Check): void {
  for (const [how, end] of ENDS) {
    check(`when a run ${how}, unread payloads come right before its end, as undelivered`, async ({ world, own }) => {
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "left"), hookCreated("hook_2", "right"), waitCreated("wait_1", AT + 9));
      await deliverMix(world, owner);
      expect((await owner.commit(stepCreated("step_1"), end)).unread).toBe(false);
      const written = (await owner.history()).slice(5);
      expect(written.map((event) => [event.type, event.correlationId, event.payload, event.data])).toEqual([
        ["step_created", "step_1", payload("of step_1"), stepCreated("step_1").data],
        ["hook_received", "hook_1", payload("one"), { undelivered: true }],
        ["hook_received", "hook_2", payload("two"), { undelivered: true }],
        ["hook_received", "hook_1", payload("three"), { undelivered: true }],
        [end.type, undefined, end.payload, end.data],
      ]);
      expect(written.map((event) => event.position)).toEqual([6, 7, 8, 9, 10]);
      expect(await owner.inbox()).toEqual([]);
    });
  }

  check("a cancellation from the inbox ends the run, and payloads after it are undelivered", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("before"));
    await world.deliver({ runId: owner.runId }, cancelled("enough"));
    await world.deliver({ token: "door" }, said("after"));
    const [before, cancel] = (await owner.inbox()).map((fact) => fact.id);
    await owner.turn({ entries: [admit(Number(before)), admit(Number(cancel))] });
    const written = (await owner.history()).slice(3);
    expect(written.map((event) => [event.type, event.payload, event.data])).toEqual([
      ["hook_received", payload("before"), {}],
      ["hook_received", payload("after"), { undelivered: true }],
      ["run_cancelled", undefined, { cancelReason: "enough" }],
    ]);
    expect((await world.runs.get(owner.runId)).cancelReason).toBe("enough");
  });

  check("payloads of a hook that was disposed are admitted as undelivered, and only so", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    await world.deliver({ token: "door" }, said("too late"));
    expect((await owner.commit(hookDisposed("hook_1"))).unread).toBe(true);
    const factId = Number((await owner.inbox())[0]?.id);
    await expectRefused(world, () => owner.turn({ entries: [admit(factId)] }), ...UNACCEPTABLE);
    await owner.turn({ entries: [admit(factId, true), entry(stepCreated("step_1"))] });
    expect((await owner.history()).at(-2)).toMatchObject({
      type: "hook_received",
      correlationId: "hook_1",
      payload: payload("too late"),
      data: { undelivered: true },
    });
  });
}

async function deliverMix(world: Parameters<typeof snapshotOf>[0], owner: Owner): Promise<void> {
  await world.deliver({ token: "left" }, said("one"));
  await world.deliver({ runId: owner.runId }, waitCompleted("wait_1"));
  await world.deliver({ token: "right" }, said("two"));
  await world.deliver({ runId: owner.runId }, cancelled("unread"));
  await world.deliver({ token: "left" }, said("three"));
}
