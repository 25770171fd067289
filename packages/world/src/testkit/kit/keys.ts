import { describe, expect } from "vitest";
import { KEY_MEMORY_MS, type Delivery, type World } from "workflow/world";
import {
  admit,
  claimOf,
  completed,
  hookCreated,
  hookDisposed,
  hookExpired,
  hookLasting,
  payload,
  said,
} from "./events.ts";
import type { Check } from "./scene.ts";
import { snapshotOf } from "./snapshot.ts";

/** Invariant I5, with idempotency keys: any number of calls with one key deliver one payload. */
export function describeKeys(check: Check): void {
  describe("I5 keys", () => {
    describeRepeats(check);
    describeMemory(check);
  });
}

function knock(world: World, token: string, key: string, text = "knock"): Promise<Delivery> {
  return world.deliver({ token }, said(text), { idempotencyKey: key });
}

function describeRepeats(check: Check): void {
  check("a payload with a key that was used is a duplicate, and nothing is written", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door", payload("who")));
    const hook = await world.hooks.getByToken("door");
    expect(await knock(world, "door", "k")).toEqual({ status: "delivered", runId: owner.runId, hook });
    const before = await snapshotOf(world);
    for (const text of ["knock", "another text"]) {
      expect(await knock(world, "door", "k", text)).toEqual({ status: "duplicate", runId: owner.runId, hook });
    }
    expect(await snapshotOf(world)).toEqual(before);
    expect((await owner.inbox()).map(({ event }) => event)).toEqual([
      { ...said("knock"), correlationId: "hook_1", data: { idempotencyKey: "k" } },
    ]);
  });

  check("of 100 deliveries with one key at once, one is delivered", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => knock(world, "door", "k", `${n}`)));
    expect(answers.filter(({ status }) => status === "delivered")).toHaveLength(1);
    expect(answers.filter(({ status }) => status === "duplicate")).toHaveLength(99);
    expect(await owner.inbox()).toHaveLength(1);
  });

  check("a key counts for its token only, and by its exact text", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookCreated("hook_2", "gate"));
    for (const key of ["k", "K", "k ", " k", "\u212a", "1", "01"])
      expect(await knock(world, "door", key)).toMatchObject({ status: "delivered" });
    expect(await knock(world, "gate", "k")).toMatchObject({ status: "delivered", hook: { hookId: "hook_2" } });
    for (let n = 0; n < 2; n += 1) {
      expect(await world.deliver({ token: "door" }, said("knock"))).toMatchObject({ status: "delivered" });
    }
    expect(await owner.inbox()).toHaveLength(10);
  });

  check("a key that found nobody is not used up", async ({ world, own }) => {
    expect(await knock(world, "door", "k")).toEqual({ status: "nobody" });
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await knock(world, "door", "k")).toMatchObject({ status: "delivered" });
  });

  check("the key goes into the history with its payload, delivered or not", async ({ world, own }) => {
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    for (const key of ["taken", "disposed", "ended"]) await knock(world, "door", key, key);
    const [taken = 0, disposed = 0] = (await owner.inbox()).map((fact) => fact.id);
    await owner.turn({ entries: [admit(taken)] });
    await owner.commit(hookDisposed("hook_1"));
    await owner.turn({ entries: [admit(disposed, true)] });
    await owner.commit(completed);
    const written = (await owner.history()).filter((event) => event.type === "hook_received");
    expect(written.map((event) => event.data)).toEqual([
      { idempotencyKey: "taken" },
      { idempotencyKey: "disposed", undelivered: true },
      { idempotencyKey: "ended", undelivered: true },
    ]);
    const { data } = await world.events.listByCorrelationId({ runId: owner.runId, correlationId: "hook_1" });
    expect(data[1]?.eventData).toEqual({ idempotencyKey: "taken", payload: payload("taken") });
  });
}

function describeMemory(check: Check): void {
  check("what the hook, its run and its token do later does not make a key new", async ({ world, own }) => {
    const first = await own();
    await first.commit(hookCreated("hook_1", "door"));
    const hook = await world.hooks.getByToken("door");
    await knock(world, "door", "k");
    const same = { status: "duplicate", runId: first.runId, hook };
    await first.turn({ entries: (await first.inbox()).map((fact) => admit(fact.id)) });
    expect(await knock(world, "door", "k")).toEqual(same);
    await first.commit(hookDisposed("hook_1"));
    expect(await knock(world, "door", "k")).toEqual(same);
    const second = await own();
    await second.commit(hookCreated("hook_2", "door"));
    expect(await knock(world, "door", "k")).toEqual(same);
    await first.commit(completed);
    expect(await knock(world, "door", "k")).toEqual(same);
    expect(await second.inbox()).toEqual([]);
  });

  check("a key is remembered for seven days", async ({ world, clock, own }) => {
    const first = await own();
    await first.commit(hookCreated("hook_1", "door"));
    await knock(world, "door", "k");
    await first.commit(hookDisposed("hook_1"));
    const second = await own();
    await second.commit(hookCreated("hook_2", "door"));
    clock.advance(KEY_MEMORY_MS - 1);
    expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", hook: { hookId: "hook_1" } });
    clock.advance(2);
    expect(await knock(world, "door", "k")).toMatchObject({ status: "delivered", hook: { hookId: "hook_2" } });
    clock.advance(KEY_MEMORY_MS - 1);
    expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", hook: { hookId: "hook_2" } });
  });

  for (const [how, end] of [
    ["is disposed", hookDisposed("hook_1")],
    ["is disposed of because it expired", hookExpired("hook_1")],
    ["ends with its run", completed],
  ] as const) {
    check(`a key is remembered longer than that, until its hook ${how}`, async ({ world, clock, own }) => {
      const owner = await own();
      await owner.commit(hookCreated("hook_1", "door"));
      await knock(world, "door", "k");
      clock.advance(3 * KEY_MEMORY_MS);
      expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", hook: { hookId: "hook_1" } });
      await owner.turn({ entries: (await owner.inbox()).map((fact) => admit(fact.id)) });
      await owner.commit(end);
      expect(await knock(world, "door", "k")).toEqual({ status: "nobody" });
    });
  }

  check("a key is not remembered longer than that for a hook that has expired", async ({ world, clock, own }) => {
    const owner = await own();
    await owner.commit(hookLasting("hook_1", "door", { expiresAt: clock.now() + 2 * KEY_MEMORY_MS }));
    await knock(world, "door", "k");
    clock.advance(2 * KEY_MEMORY_MS - 1);
    expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate" });
    clock.advance(1);
    expect(await knock(world, "door", "k")).toEqual({ status: "nobody" });
  });

  check(
    "a key is remembered while a run owns its token and has not created the hook",
    async ({ world, clock, own }) => {
      const owner = await own("wrkr_a", claimOf("door", "start", { idempotencyKey: "k" }));
      clock.advance(3 * KEY_MEMORY_MS);
      expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", runId: owner.runId });
      await owner.commit(completed);
      expect(await knock(world, "door", "k")).toEqual({ status: "nobody" });
    },
  );

  check("of a payload that was held, the seven days begin when it was accepted", async ({ world, clock, own }) => {
    await world.deliver({ token: "door" }, said("k"), { idempotencyKey: "k", holdUntil: clock.now() + KEY_MEMORY_MS });
    clock.advance(KEY_MEMORY_MS - 2);
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"), hookDisposed("hook_1"));
    clock.advance(1);
    expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", hook: { hookId: "hook_1" } });
    clock.advance(2);
    expect(await knock(world, "door", "k")).toEqual({ status: "nobody" });
  });

  check("a key is remembered at least as long as its payload is held", async ({ world, clock, own }) => {
    const until = clock.now() + 2 * KEY_MEMORY_MS;
    await world.deliver({ token: "door" }, said("k"), { idempotencyKey: "k", holdUntil: until });
    clock.advanceTo(until - 1);
    expect(await knock(world, "door", "k")).toEqual({ status: "held", until, repeated: true });
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await knock(world, "door", "k")).toMatchObject({ status: "duplicate", runId: owner.runId });
    expect(await owner.inbox()).toHaveLength(1);
  });
}
