import { describe, expect } from "vitest";
import type { NewEvent, NewFact, StoredEvent } from "workflow/world";
import { admit, AT, cancelled, completed, entry, hookCreated, runIdOf, said } from "./events.ts";
import type { Check, Owner } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";
import { walk } from "./walk.ts";

type Changes = Readonly<Record<string, string | null>>;

/** As workflow code writes them, at `at`. */
function set(changes: Changes, at = AT): NewEvent {
  return { type: "attr_set", correlationId: "attr_1", data: { changes: listOf(changes), writer: WORKFLOW }, at };
}

/** As a step writes them. */
function fromStep(changes: Changes): NewFact {
  return { type: "attr_set", data: { changes: listOf(changes), writer: STEP }, at: AT };
}

const WORKFLOW = { type: "workflow" } as const;
const STEP = { type: "step", stepId: "step_1", attempt: 1 } as const;

function listOf(changes: Changes): { key: string; value: string | null }[] {
  return Object.entries(changes).map(([key, value]) => ({ key, value }));
}

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "v"]));

/** Attributes are what the history says, and runs are found by them (contract 01 section 1.13). */
export function describeAttributes(check: Check): void {
  describe("attributes", () => {
    describeWrites(check);
    describeLimits(check);
    describeSearch(check);
  });
}

function describeWrites(check: Check): void {
  check("a turn sets, changes and removes attributes of its run [05-5.3] [01-1.13.merge]", async ({ world, own }) => {
    const { runId, commit } = await own("wrkr_a", { attributes: { plan: "free", old: "x", kept: "k" } });
    const other = await own("wrkr_a", { attributes: { plan: "free" } });
    await commit(set({ plan: "pro", old: null, unknown: null }), set({ more: "", plan: "max" }, AT + 9));
    const { attributes, updatedAt } = await world.runs.get(runId);
    expect(attributes).toEqual({ plan: "max", kept: "k", more: "" });
    expect(updatedAt).toEqual(new Date(AT + 9));
    expect((await world.runs.get(runId, { resolveData: "none" })).attributes).toEqual(attributes);
    expect((await world.runs.list({ resolveData: "none" })).data.map((run) => run.attributes)).toEqual([
      { plan: "free" },
      attributes,
    ]);
    expect((await world.runs.get(other.runId)).attributes).toEqual({ plan: "free" });
    await commit(completed);
    expect((await world.runs.get(runId)).attributes).toEqual(attributes);
  });

  check("odd keys and values come back as they were", async ({ world, own }) => {
    const odd = { __proto__x: "1", constructor: "2", "a.b\"c'": "\u0000\n", "\u{1F600}": "%_*", 1: "one", $: "$" };
    const { runId, commit } = await own("wrkr_a", { attributes: odd });
    expect((await world.runs.get(runId)).attributes).toEqual(odd);
    const proto = Object.fromEntries([["__proto__", "p"]]);
    await commit(set({ ...odd, ...proto }));
    const { attributes } = await world.runs.get(runId);
    expect(Object.entries(attributes).toSorted()).toEqual(Object.entries({ ...odd, ...proto }).toSorted());
    const found = await world.runs.list({ attributes: { ...proto, ...odd } });
    expect(found.data.map((run) => run.runId)).toEqual([runId]);
    expect((await world.runs.list({ attributes: { toString: "2" } })).data).toEqual([]);
  });

  check("what a step writes waits in the inbox, and counts once it is in the history", async ({ world, own }) => {
    const owner = await own("wrkr_a", { attributes: {} });
    const fact = fromStep({ from: "step" });
    const delivery = await world.deliver({ runId: owner.runId }, fact);
    expect(delivery).toEqual({ status: "delivered", runId: owner.runId });
    const attributesOf = async (): Promise<unknown> => (await world.runs.get(owner.runId)).attributes;
    expect(await attributesOf()).toEqual({});
    const [waiting] = await owner.inbox();
    expect(waiting?.event).toEqual(fact);
    await owner.turn({ entries: [entry(set({ from: "workflow" })), admit(waiting?.id ?? 0)] });
    expect(await attributesOf()).toEqual({ from: "step" });
    expect((await owner.history()).at(-1)).toMatchObject(fact);
  });

  for (const [how, end] of [
    ["completes", entry(completed)],
    ["is cancelled", undefined],
  ] as const) {
    check(`what a step wrote before its run ${how} is in the history before that`, async ({ world, own }) => {
      const owner = await own("wrkr_a", { attributes: {} });
      await owner.commit(hookCreated("hook_1", "door"));
      await world.deliver({ runId: owner.runId }, fromStep({ a: "1", b: "1" }));
      await world.deliver({ token: "door" }, said("late"));
      await world.deliver({ runId: owner.runId }, fromStep({ b: "2" }));
      await world.deliver({ runId: owner.runId }, cancelled());
      const cancellation = (await owner.inbox()).find(({ event }) => event.type === "run_cancelled");
      await owner.turn({ entries: [end ?? admit(cancellation?.id ?? 0)] });
      expect((await world.runs.get(owner.runId)).attributes).toEqual({ a: "1", b: "2" });
      const types = (events: readonly StoredEvent[]): readonly string[] => events.map(({ type }) => type);
      expect(types(await owner.history()).slice(3, 6)).toEqual(["attr_set", "hook_received", "attr_set"]);
      expect(await world.deliver({ runId: owner.runId }, fromStep({ c: "1" }))).toMatchObject({ status: "ended" });
    });
  }

  check("what was acknowledged cannot be dropped", async ({ world, own }) => {
    const owner = await own();
    await world.deliver({ runId: owner.runId }, fromStep({ a: "1" }));
    const [fact] = await owner.inbox();
    await expectRefused(world, () => owner.turn({ drops: [fact?.id ?? 0] }), "INVALID_ARGUMENT");
  });
}

function describeLimits(check: Check): void {
  const refused = async (owner: Owner, attempt: () => Promise<unknown>): Promise<void> => {
    const before = await owner.inbox();
    await expect(attempt()).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "attributes" });
    expect(await owner.inbox()).toEqual(before);
  };

  check("a run gets at most 64, with what waits in its inbox [01-1.13.limits]", async ({ world, own }) => {
    const owner = await own("wrkr_a", { attributes: many(62) });
    const deliver = (changes: Changes): Promise<unknown> => world.deliver({ runId: owner.runId }, fromStep(changes));
    await deliver({ a: "v" });
    await refused(owner, () => deliver({ b: "v", c: "v" }));
    await deliver({ b: "v" });
    await refused(owner, () => deliver({ c: "v" }));
    await deliver({ b: "other", k0: "other" });
    await deliver({ b: null });
    await deliver({ c: "v" });
    await refused(owner, () => deliver({ d: "v" }));
    await owner.turn({ entries: (await owner.inbox()).map(({ id }) => admit(id)) });
    expect(Object.keys((await world.runs.get(owner.runId)).attributes)).toHaveLength(64);
    await refused(owner, () => deliver({ d: "v" }));
  });

  check("the engine's own do not count [02-2.1]", async ({ world, own }) => {
    const own64 = { ...many(63), $parentRunId: "p", $rootRunId: "r", $retention: "1", $replayedFromRunId: "f" };
    const owner = await own("wrkr_a", { attributes: own64 });
    const deliver = (changes: Changes): Promise<unknown> => world.deliver({ runId: owner.runId }, fromStep(changes));
    await deliver({ last: "v" });
    await refused(owner, () => deliver({ $other: "v" }));
  });
}

function describeSearch(check: Check): void {
  check("runs are found by their latest attributes, which must all match [04-4.7]", async ({ world, own }) => {
    const runs = [
      await own("wrkr_a", { attributes: { plan: "pro", region: "eu" } }),
      await own("wrkr_a", { attributes: { plan: "pro", region: "us" } }),
      await own("wrkr_a", { attributes: { plan: "free", region: "eu" } }),
      await own("wrkr_a", { attributes: {} }),
    ];
    const found = async (attributes: Record<string, string>, rest = {}): Promise<readonly number[]> => {
      const { data } = await world.runs.list({ attributes, ...rest });
      return data.map((run) => runs.findIndex(({ runId }) => runId === run.runId));
    };
    expect(await found({ plan: "pro" })).toEqual([1, 0]);
    expect(await found({ plan: "pro" }, { pagination: { sortOrder: "asc" } })).toEqual([0, 1]);
    expect(await found({ plan: "pro", region: "eu" })).toEqual([0]);
    expect(await found({ region: "eu", plan: "pro" })).toEqual([0]);
    expect(await found({ plan: "pro", region: "eu", more: "" })).toEqual([]);
    expect(await found({ plan: "Pro" })).toEqual([]);
    await runs[0]?.commit(set({ plan: "free" }), completed);
    await runs[3]?.commit(set({ plan: "pro" }));
    expect(await found({ plan: "pro" })).toEqual([3, 1]);
    expect(await found({ plan: "free" })).toEqual([2, 0]);
    expect(await found({ plan: "free" }, { status: "running" })).toEqual([2]);
    expect(await found({ plan: "free" }, { workflowName: "workflow//other//other" })).toEqual([]);
    await runs[2]?.commit(set({ plan: null }));
    expect(await found({ plan: "free" })).toEqual([0]);
  });

  check("a filter by attributes holds over every page", async ({ world, create }) => {
    for (let n = 0; n < 12; n += 1) await create({ attributes: { group: n % 3 === 0 ? "a" : "b" } });
    for (const sortOrder of ["asc", "desc"] as const) {
      const found = await walk((pagination) => world.runs.list({ attributes: { group: "a" }, pagination }), {
        limit: 1,
        sortOrder,
      });
      const ids = [1, 4, 7, 10].map(runIdOf);
      expect(found.map((run) => run.runId)).toEqual(sortOrder === "asc" ? ids : ids.toReversed());
    }
  });

  check("a list is filtered by one to eight attributes", async ({ world, create }) => {
    await create({ attributes: many(8) });
    expect((await world.runs.list({ attributes: many(8) })).data).toHaveLength(1);
    for (const attributes of [{}, many(9)]) {
      await expectRefused(world, () => world.runs.list({ attributes }), "INVALID_ARGUMENT");
    }
  });
}
