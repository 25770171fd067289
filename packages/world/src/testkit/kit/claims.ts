import { describe, expect } from "vitest";
import { FIRST_EPOCH, TENANCY, type Creation, type NewRun } from "workflow/world";
import {
  cancelled,
  claimOf,
  completed,
  entry,
  hookCreated,
  newRunOf,
  payload,
  runIdOf,
  said,
  started,
} from "./events.ts";
import type { Check, Owner, Scene } from "./scene.ts";
import { expectRefused, snapshotOf } from "./snapshot.ts";

const MINUTE = 60_000;
const CROWD = 1000;

/** Invariant I6, for runs that own a token before they have created the hook. */
export function describeClaims(check: Check): void {
  describe("I6 claims", () => {
    describeReservations(check);
    describeResumes(check);
    describeUnused(check);
    describeRefusals(check);
  });
}

/** Creates a run, the 50th or later, that claims the token. */
function claim(
  { world }: Scene,
  n: number,
  token: string,
  text: string,
  rest: Partial<NewRun> = {},
): Promise<Creation> {
  return world.createRun(newRunOf(n, { ...claimOf(token, text), ...rest }));
}

async function textsOf(owner: Owner): Promise<readonly unknown[]> {
  return (await owner.inbox()).map((fact) => fact.event.payload);
}

function describeReservations(check: Check): void {
  check("a run that is created with a free token owns it from then on; payloads wait for its hook", async (scene) => {
    const { world, own } = scene;
    const owner = await own("wrkr_a", claimOf("door", "first"));
    const [created] = await owner.history();
    expect(created?.data).toMatchObject({ token: "door" });
    expect(await world.deliver({ token: "door" }, said("second"))).toEqual({
      status: "delivered",
      runId: owner.runId,
      hook: {
        runId: owner.runId,
        hookId: "hook_of door",
        token: "door",
        ...TENANCY,
        createdAt: (await world.runs.get(owner.runId)).createdAt,
        isWebhook: false,
      },
    });
    expect(await owner.inbox()).toEqual([]);
    expect((await world.held.list()).data).toEqual([]);
    await expect(world.hooks.getByToken("door")).rejects.toMatchObject({ code: "HOOK_NOT_FOUND" });
    expect(await owner.commit(hookCreated("hook_of door", "door"))).toEqual({ conflicts: {}, unread: true });
    await world.deliver({ token: "door" }, said("third"));
    expect((await owner.inbox()).map(({ event }) => event)).toEqual(
      ["first", "second", "third"].map((text) => ({ ...said(text), correlationId: "hook_of door" })),
    );
    expect((await world.hooks.getByToken("door")).runId).toBe(owner.runId);
  });

  check("what was held for the token comes first, then what the run was created with", async (scene) => {
    const { world, clock, own } = scene;
    const early = (text: string, ms: number): unknown =>
      world.deliver({ token: "door" }, said(text), { holdUntil: clock.now() + ms });
    await early("too early", MINUTE - 1);
    await early("held 1", MINUTE);
    await early("held 2", MINUTE);
    clock.advance(MINUTE - 1);
    const owner = await own("wrkr_a", claimOf("door", "start"));
    expect((await world.held.list()).data.map((held) => held.status)).toEqual(["dropped"]);
    clock.advance(MINUTE);
    await owner.commit(hookCreated("hook_of door", "door"));
    expect(await textsOf(owner)).toEqual(["held 1", "held 2", "start"].map(payload));
  });

  check("while a run owns a token without a hook, the hooks of others get conflicts", async ({ world, own }) => {
    const owner = await own("wrkr_a", claimOf("door", "first"));
    const other = await own("wrkr_b");
    expect((await other.commit(hookCreated("hook_1", "door"))).conflicts).toEqual({ hook_1: owner.runId });
    expect((await other.history()).at(-1)?.data).toEqual({ token: "door", conflictingRunId: owner.runId });
    await other.commit(completed);
    expect((await owner.commit(hookCreated("hook_of door", "door"))).conflicts).toEqual({});
    expect((await owner.commit(hookCreated("hook_2", "door"))).conflicts).toEqual({ hook_2: owner.runId });
    expect(await world.deliver({ token: "door" }, said("second"))).toMatchObject({ hook: { hookId: "hook_of door" } });
  });

  check("only a hook with the token takes what waits for it, whatever its id", async ({ own }) => {
    const owner = await own("wrkr_a", claimOf("door", "first"));
    expect((await owner.commit(hookCreated("hook_1", "gate"))).unread).toBe(false);
    expect(await owner.inbox()).toEqual([]);
    await owner.commit(hookCreated("hook_2", "door"));
    expect((await owner.inbox()).map((fact) => fact.event.correlationId)).toEqual(["hook_2"]);
  });

  check("a run that changes hands keeps its token and what waits for it", async (scene) => {
    const { world, own, take } = scene;
    const before = await own("wrkr_a", claimOf("door", "first"));
    await world.leave("wrkr_a");
    expect(await world.deliver({ token: "door" }, said("second"))).toMatchObject({ status: "delivered" });
    const heir = await take("wrkr_b", before.runId);
    await heir.commit(hookCreated("hook_of door", "door"));
    expect(await textsOf(heir)).toEqual(["first", "second"].map(payload));
  });

  check("a worker commits to a run with a claim in the same breath as it creates it", async ({ world }) => {
    await world.join("wrkr_a");
    const lease = { runId: runIdOf(1), worker: "wrkr_a", epoch: FIRST_EPOCH };
    const entries = [started, hookCreated("hook_of door", "door")].map(entry);
    const [creation, committed] = await Promise.all([
      world.createRun(newRunOf(1, claimOf("door", "first")), "wrkr_a"),
      world.commit(lease, { after: 1, entries, drops: [], dueAt: null }),
    ]);
    expect(creation).toEqual({ status: "created", lease });
    expect(committed).toEqual({ conflicts: {}, unread: true });
  });
}

function describeResumes(check: Check): void {
  check("where a hook has the token, no run is created and the hook gets the payload", async (scene) => {
    const { world, own } = scene;
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const hook = await world.hooks.getByToken("door");
    const delivery = { status: "delivered", runId: owner.runId, hook };
    expect(await claim(scene, 50, "door", "knock")).toEqual({ status: "resumed", delivery });
    expect((await owner.inbox()).map(({ event }) => event)).toEqual([{ ...said("knock"), correlationId: "hook_1" }]);
    expect((await world.runs.list()).data).toHaveLength(1);
  });

  check("a worker that asked for a new run and resumed another has no lease", async (scene) => {
    const { world, own } = scene;
    const owner = await own("wrkr_a");
    await owner.commit(hookCreated("hook_1", "door"));
    const lease = { runId: runIdOf(50), worker: "wrkr_a", epoch: FIRST_EPOCH };
    const turn = { after: 1, entries: [entry(started)], drops: [], dueAt: null };
    const [creation, committed] = await Promise.allSettled([
      world.createRun(newRunOf(50, claimOf("door", "knock")), "wrkr_a"),
      world.commit(lease, turn),
    ]);
    expect(creation).toMatchObject({ value: { status: "resumed", delivery: { runId: owner.runId } } });
    expect(committed).toMatchObject({ reason: { code: "LEASE_LOST" } });
    expect(await owner.inbox()).toHaveLength(1);
  });

  check(
    `${CROWD} creations at once that claim one token create one run and deliver ${CROWD} payloads`,
    async (scene) => {
      const { world, take } = scene;
      const numbers = Array.from({ length: CROWD }, (_, n) => n + 1);
      const creations = await Promise.all(numbers.map((n) => claim(scene, n, "door", String(n))));
      expect(creations.filter(({ status }) => status === "created")).toHaveLength(1);
      const runs = (await world.runs.list()).data;
      expect(runs).toHaveLength(1);
      const owner = await take("wrkr_a", String(runs[0]?.runId));
      for (const creation of creations) {
        if (creation.status === "created") continue;
        expect(creation).toMatchObject({
          status: "resumed",
          delivery: { status: "delivered", runId: owner.runId, hook: { hookId: "hook_of door" } },
        });
      }
      await owner.commit(hookCreated("hook_of door", "door"));
      expect((await textsOf(owner)).toSorted()).toEqual(numbers.map((n) => payload(String(n))).toSorted());
    },
  );

  check("keys count across creations and deliveries, before and after the hook is there", async (scene) => {
    const { world, own } = scene;
    const keyed = claimOf("door", "first", { idempotencyKey: "k" });
    const owner = await own("wrkr_a", keyed);
    const { runId } = owner;
    const knock = (): Promise<unknown> => world.deliver({ token: "door" }, said("first"), { idempotencyKey: "k" });
    const again = (): Promise<unknown> => claim(scene, 50, "door", "first", keyed);
    expect(await knock()).toMatchObject({ status: "duplicate", runId, hook: { hookId: "hook_of door" } });
    expect(await again()).toMatchObject({ status: "resumed", delivery: { status: "duplicate", runId } });
    await world.deliver({ token: "door" }, said("second"), { idempotencyKey: "k2" });
    await owner.commit(hookCreated("hook_2", "door"));
    expect((await owner.inbox()).map((fact) => fact.event.data)).toEqual([
      { idempotencyKey: "k" },
      { idempotencyKey: "k2" },
    ]);
    const hook = await world.hooks.getByToken("door");
    expect(await knock()).toEqual({ status: "duplicate", runId, hook });
    await owner.commit(completed);
    expect(await again()).toEqual({ status: "resumed", delivery: { status: "duplicate", runId, hook } });
  });

  check("a run whose payload is held already, by its key, is created and gets it once", async (scene) => {
    const { world, clock, own } = scene;
    await world.deliver({ token: "door" }, said("early"), { holdUntil: clock.now() + MINUTE, idempotencyKey: "k" });
    await world.deliver({ token: "door" }, said("other"), { holdUntil: clock.now() + MINUTE });
    const owner = await own("wrkr_a", claimOf("door", "early", { idempotencyKey: "k" }));
    await owner.commit(hookCreated("hook_of door", "door"));
    expect((await owner.inbox()).map((fact) => [fact.event.payload, fact.event.data])).toEqual([
      [payload("early"), { idempotencyKey: "k" }],
      [payload("other"), {}],
    ]);
  });
}

function describeUnused(check: Check): void {
  for (const end of [completed, cancelled("enough")]) {
    check(
      `${end.type} before the hook leaves what waited in the history, undelivered, and frees the token`,
      async (scene) => {
        const { world, clock, own } = scene;
        const options = { holdUntil: clock.now() + MINUTE, idempotencyKey: "k" };
        await world.deliver({ token: "door" }, said("held"), options);
        const owner = await own("wrkr_a", claimOf("door", "start"));
        await owner.commit(hookCreated("hook_1", "gate"));
        await world.deliver({ token: "door" }, said("later"));
        await world.deliver({ token: "gate" }, said("to a hook"));
        await owner.commit(end);
        const written = (await owner.history()).slice(3);
        expect(written.map((event) => [event.type, event.correlationId, event.payload, event.data])).toEqual([
          ["hook_received", "hook_1", payload("to a hook"), { undelivered: true }],
          ["hook_received", undefined, payload("held"), { undelivered: true, token: "door", idempotencyKey: "k" }],
          ["hook_received", undefined, payload("start"), { undelivered: true, token: "door" }],
          ["hook_received", undefined, payload("later"), { undelivered: true, token: "door" }],
          [end.type, undefined, end.payload, end.data],
        ]);
        expect(await world.deliver({ token: "door" }, said("held"), options)).toMatchObject({
          status: "duplicate",
          runId: owner.runId,
          hook: { hookId: "hook_of door" },
        });
        expect(await world.deliver({ token: "door" }, said("anyone?"))).toEqual({ status: "nobody" });
        expect(await claim(scene, 50, "door", "anew")).toMatchObject({ status: "created" });
      },
    );
  }

  check("once the hook was there, its end frees the token and nothing waits any more", async (scene) => {
    const { own } = scene;
    const owner = await own("wrkr_a", claimOf("door", "first"));
    await owner.commit(hookCreated("hook_of door", "door"), completed);
    expect((await owner.history()).slice(2).map((event) => [event.type, event.correlationId])).toEqual([
      ["hook_created", "hook_of door"],
      ["hook_received", "hook_of door"],
      ["run_completed", undefined],
    ]);
    const next = await own();
    expect(await next.commit(hookCreated("hook_2", "door"))).toEqual({ conflicts: {}, unread: false });
  });
}

function describeRefusals(check: Check): void {
  check("a creation that is refused writes nothing and takes nothing of what is held", async (scene) => {
    const { world, clock, own } = scene;
    const { runId } = await own();
    await world.deliver({ token: "door" }, said("held"), { holdUntil: clock.now() + MINUTE });
    const keyed = claimOf("door", "start", { idempotencyKey: "k" });
    await expectRefused(
      world,
      () => claim(scene, 50, "door", "start", { ...keyed, codeHash: "unknown" }),
      "INVALID_ARGUMENT",
    );
    await expectRefused(world, () => claim(scene, 50, "door", "start", { ...keyed, runId }), "INVALID_ARGUMENT");
    expect(await claim(scene, 50, "door", "start", keyed)).toMatchObject({ status: "created" });
  });

  check("a worker that has not joined resumes nobody", async (scene) => {
    const { world, own } = scene;
    const owner = await own();
    await owner.commit(hookCreated("hook_1", "door"));
    const before = await snapshotOf(world);
    const creation = world.createRun(newRunOf(50, claimOf("door", "knock")), "wrkr_stranger");
    await expect(creation).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await snapshotOf(world)).toEqual(before);
  });

  check("what resumes a run does not need the code of the run that is not created", async (scene) => {
    const owner = await scene.own();
    await owner.commit(hookCreated("hook_1", "door"));
    expect(await claim(scene, 50, "door", "knock", { codeHash: "unknown" })).toMatchObject({ status: "resumed" });
    expect(await owner.inbox()).toHaveLength(1);
  });
}
