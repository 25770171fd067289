import { describe, expect } from "vitest";
import { DROPPED_MEMORY_MS, type Delivery, type HeldPayload } from "workflow/world";
import { admit, cancelled, completed, entry, hookCreated, hookDisposed, payload, said, stepCreated } from "./events.ts";
import type { Check, Owner, Scene } from "./scene.ts";
import { expectRefused, snapshotOf, UNACCEPTABLE } from "./snapshot.ts";
import { walk } from "./walk.ts";

const MINUTE = 60_000;

/** Invariant I5, for payloads that come before the hook, and whose sender asked that they be kept. */
export function describeHeld(check: Check): void {
  describe("I5 held payloads", () => {
    describeHolding(check);
    describeHandingOver(check);
    describeDropping(check);
    describeHeldKeys(check);
  });
}

/** Sends `text` to `token`, to be kept for a minute. */
function keep({ world, clock }: Scene, token: string, text: string, idempotencyKey?: string): Promise<Delivery> {
  const options = { holdUntil: clock.now() + MINUTE, ...(idempotencyKey !== undefined && { idempotencyKey }) };
  return world.deliver({ token }, { ...said(text), at: clock.now() }, options);
}

async function textsOf(owner: Owner): Promise<readonly unknown[]> {
  return (await owner.inbox()).map((fact) => fact.event.payload);
}

async function heldOf({ world }: Scene, token?: string): Promise<readonly HeldPayload[]> {
  return (await world.held.list({ ...(token !== undefined && { token }) })).data;
}

function describeHolding(check: Check): void {
  check("where nobody has the token, a payload is held until the time its sender gave", async (scene) => {
    const { world, clock, own } = scene;
    await own();
    const until = clock.now() + MINUTE;
    expect(await keep(scene, "door", "early", "k")).toEqual({ status: "held", until, repeated: false });
    const [held] = await heldOf(scene);
    expect(held).toEqual({
      heldId: expect.stringMatching(/^held_\d{26}$/),
      token: "door",
      status: "held",
      payload: payload("early"),
      size: payload("early").length,
      idempotencyKey: "k",
      receivedAt: new Date(clock.now()),
      heldUntil: new Date(until),
    });
    await expect(world.hooks.getByToken("door")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
    expect((await world.hooks.list()).data).toEqual([]);
  });

  check("a payload is not held unless its sender asks, and not until a time that has come", async (scene) => {
    const { world, clock } = scene;
    const before = await snapshotOf(world);
    for (const options of [{}, { holdUntil: clock.now() }, { holdUntil: clock.now() - 1 }]) {
      expect(await world.deliver({ token: "door" }, said("early"), options)).toEqual({ status: "nobody" });
    }
    expect(await world.deliver({ token: "" }, said("early"), { holdUntil: clock.now() + MINUTE })).toEqual({
      status: "nobody",
    });
    expect(await snapshotOf(world)).toEqual(before);
  });

  check("where a hook has the token, it gets the payload at once", async (scene) => {
    const owner = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await keep(scene, "door", "knock")).toMatchObject({ status: "delivered", runId: owner.runId });
    expect(await heldOf(scene)).toEqual([]);
  });

  check("what is held is listed newest first, in pages, of all tokens or of one", async (scene) => {
    const { world } = scene;
    for (let n = 0; n < 11; n += 1) await keep(scene, n % 2 === 0 ? "even" : "odd", String(n));
    const all = Array.from({ length: 11 }, (_, n) => payload(String(10 - n)));
    const list = async (rest: { token?: string }, sortOrder: "asc" | "desc"): Promise<readonly unknown[]> =>
      (await walk((pagination) => world.held.list({ ...rest, pagination }), { limit: 3, sortOrder })).map(
        (held) => held.payload,
      );
    expect((await heldOf(scene)).map((held) => held.payload)).toEqual(all);
    expect(await list({}, "desc")).toEqual(all);
    expect(await list({}, "asc")).toEqual(all.toReversed());
    expect(await list({ token: "odd" }, "desc")).toEqual(["9", "7", "5", "3", "1"].map(payload));
    const ids = (await heldOf(scene)).map((held) => held.heldId);
    expect(ids).toEqual(ids.toSorted().toReversed());
    for (const held of (await world.held.list({ resolveData: "none" })).data) {
      expect(held).not.toHaveProperty("payload");
      expect(held.size).toBeGreaterThan(0);
    }
  });
}

function describeHandingOver(check: Check): void {
  check("the first hook that gets the token gets what is held, in order, with the commit", async (scene) => {
    const { world, own } = scene;
    await keep(scene, "gate", "for another");
    for (const text of ["one", "two", "three"]) await keep(scene, "door", text);
    const owner = await own();
    expect(await owner.commit(stepCreated("step_1"), hookCreated("hook_1", "door"))).toEqual({
      conflicts: {},
      unread: true,
    });
    await world.deliver({ token: "door" }, said("four"));
    expect((await owner.inbox()).map(({ event }) => event)).toEqual(
      ["one", "two", "three", "four"].map((text) => ({ ...said(text), correlationId: "hook_1" })),
    );
    const ids = (await owner.inbox()).map((fact) => fact.id);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect((await heldOf(scene)).map((held) => held.token)).toEqual(["gate"]);
    await owner.turn({ entries: ids.map((id) => admit(id)) });
    expect((await owner.history()).slice(4).map((event) => [event.type, event.payload, event.data])).toEqual(
      ["one", "two", "three", "four"].map((text) => ["hook_received", payload(text), {}]),
    );
  });

  check("of ten runs that claim the token at once, one gets everything that is held", async (scene) => {
    await Promise.all(["1", "2", "3", "4", "5"].map((text) => keep(scene, "door", text)));
    const owners = await Promise.all(Array.from({ length: 10 }, (_, n) => scene.own(`wrkr_${n}`)));
    await Promise.all(owners.map((owner, n) => owner.commit(hookCreated(`hook_${n}`, "door"))));
    const inboxes = await Promise.all(owners.map(textsOf));
    expect(inboxes.map((texts) => texts.length).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect(inboxes.flat().toSorted()).toEqual(["1", "2", "3", "4", "5"].map(payload));
    expect(await heldOf(scene)).toEqual([]);
  });

  check("what was handed over makes the run due when its owner parks", async (scene) => {
    await keep(scene, "door", "early");
    const owner = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"));
    await owner.park();
    await scene.world.join("wrkr_b");
    expect(await scene.world.lease("wrkr_b", 10)).toMatchObject([{ runId: owner.runId }]);
  });

  check("a hook that is disposed or ends in the turn that creates it still got what was held", async (scene) => {
    await keep(scene, "door", "one");
    const disposer = await scene.own();
    await disposer.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"));
    expect(await textsOf(disposer)).toEqual([payload("one")]);
    const [fact] = await disposer.inbox();
    await disposer.turn({ entries: [admit(Number(fact?.id), true)] });
    for (const end of [completed, cancelled()]) {
      await keep(scene, "door", "two", end.type);
      const owner = await scene.own();
      expect((await owner.commit(hookCreated("hook_2", "door"), end)).unread).toBe(false);
      expect((await owner.history()).slice(2).map((event) => [event.type, event.correlationId, event.data])).toEqual([
        ["hook_created", "hook_2", { token: "door", isWebhook: false }],
        ["hook_received", "hook_2", { idempotencyKey: end.type, undelivered: true }],
        [end.type, undefined, end.data],
      ]);
    }
    expect(await heldOf(scene)).toEqual([]);
  });

  check("one turn that gives the token to two hooks hands over once, to the first", async (scene) => {
    await keep(scene, "door", "one");
    const owner = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"), hookCreated("hook_2", "door"));
    expect((await owner.inbox()).map((fact) => fact.event.correlationId)).toEqual(["hook_1"]);
  });

  check("a turn that is refused leaves everything held", async (scene) => {
    await keep(scene, "door", "one", "k");
    const stale = await scene.own("wrkr_a");
    await stale.park();
    const owner = await scene.take("wrkr_b", stale.runId);
    const claim = hookCreated("hook_1", "door");
    await expectRefused(scene.world, () => stale.commit(claim), "LEASE_LOST");
    await expectRefused(scene.world, () => owner.commit(claim, hookDisposed("hook_9")), ...UNACCEPTABLE);
    await owner.commit(claim);
    expect(await textsOf(owner)).toEqual([payload("one")]);
  });

  check("a payload that the owner was given itself does not overtake what was held", async (scene) => {
    await keep(scene, "door", "early");
    const owner = await scene.own();
    const entries = [hookCreated("hook_1", "door"), { ...said("own"), correlationId: "hook_1" }].map(entry);
    await expectRefused(scene.world, () => owner.turn({ entries }), "PRECONDITION_FAILED");
    expect((await heldOf(scene)).map((held) => held.status)).toEqual(["held"]);
  });
}

function describeDropping(check: Check): void {
  check("a payload that nobody claims in time is dropped, which is listed for seven days", async (scene) => {
    const { clock, own } = scene;
    await keep(scene, "door", "early");
    await keep(scene, "gate", "early");
    clock.advance(MINUTE - 1);
    const inTime = await own();
    await inTime.commit(hookCreated("hook_1", "gate"));
    expect(await textsOf(inTime)).toEqual([payload("early")]);
    expect((await heldOf(scene)).map((held) => held.status)).toEqual(["held"]);
    clock.advance(1);
    const late = await own();
    expect(await late.commit(hookCreated("hook_2", "door"))).toEqual({ conflicts: {}, unread: false });
    expect(await heldOf(scene)).toMatchObject([{ token: "door", status: "dropped", payload: payload("early") }]);
    clock.advance(DROPPED_MEMORY_MS - 1);
    expect((await heldOf(scene)).map((held) => held.status)).toEqual(["dropped"]);
    clock.advance(1);
    expect(await heldOf(scene)).toEqual([]);
  });

  check("of payloads with several times, a claim gets those with time left, in the order they came", async (scene) => {
    const { world, clock, own } = scene;
    for (const [text, minutes] of [
      ["1", 9],
      ["2", 1],
      ["3", 5],
      ["4", 1],
      ["5", 2],
    ] as const) {
      await world.deliver({ token: "door" }, said(text), { holdUntil: clock.now() + minutes * MINUTE });
    }
    clock.advance(MINUTE);
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await textsOf(owner)).toEqual(["1", "3", "5"].map(payload));
    expect((await heldOf(scene)).map((held) => [held.status, held.payload])).toEqual([
      ["dropped", payload("4")],
      ["dropped", payload("2")],
    ]);
  });
}

function describeHeldKeys(check: Check): void {
  check("a repeat of a payload that is held is told so, and is not held twice", async (scene) => {
    const { world, clock, own } = scene;
    const until = clock.now() + MINUTE;
    const answers = await Promise.all(Array.from({ length: 20 }, () => keep(scene, "door", "early", "k")));
    expect(answers.filter((answer) => answer.status === "held" && !answer.repeated)).toHaveLength(1);
    clock.advance(1000);
    for (const options of [{}, { holdUntil: until + MINUTE }]) {
      expect(await world.deliver({ token: "door" }, said("early"), { ...options, idempotencyKey: "k" })).toEqual({
        status: "held",
        until,
        repeated: true,
      });
    }
    expect(await heldOf(scene)).toHaveLength(1);
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const hook = await world.hooks.getByToken("door");
    expect(await keep(scene, "door", "early", "k")).toEqual({ status: "duplicate", runId: owner.runId, hook });
    expect((await owner.inbox()).map((fact) => fact.event.data)).toEqual([{ idempotencyKey: "k" }]);
    await owner.commit(hookDisposed("hook_1"));
    expect(await keep(scene, "door", "early", "k")).toEqual({ status: "duplicate", runId: owner.runId, hook });
  });

  check("a payload that was dropped may be sent again with its key", async (scene) => {
    await keep(scene, "door", "early", "k");
    scene.clock.advance(MINUTE);
    expect(await keep(scene, "door", "again", "k")).toMatchObject({ status: "held", repeated: false });
    expect(await keep(scene, "door", "again", "k")).toMatchObject({ status: "held", repeated: true });
    scene.clock.advance(MINUTE);
    const owner = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await keep(scene, "door", "in time", "k")).toMatchObject({ status: "delivered" });
    expect(await textsOf(owner)).toEqual([payload("in time")]);
  });

  check(
    "what a hook did not get is no reason to keep its repeat from the hook, wherever clocks stand",
    async (scene) => {
      await keep(scene, "door", "early", "k");
      scene.clock.advance(MINUTE);
      const owner = await scene.own();
      await owner.commit(hookCreated("hook_1", "door"));
      scene.clock.jump(-MINUTE);
      expect(await keep(scene, "door", "early", "k")).toMatchObject({ status: "delivered" });
      expect(await textsOf(owner)).toEqual([payload("early")]);
    },
  );
}
