import { describe, expect, test } from "vitest";
import { LeaseLostError, type World } from "workflow/world";
import type { OpenWorld } from "../kit/scene.ts";
import { createMemoryWorld } from "../memory/world.ts";
import { compareWithModel } from "./compare.ts";

const model: OpenWorld = async ({ clock }) => createMemoryWorld({ clock });
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);

test("random calls reach every kind of outcome", async () => {
  const lines: string[] = [];
  for (const seed of SEEDS) lines.push(...(await compareWithModel(model, seed, 80)));
  const reached = (call: string, outcome: string): number =>
    lines.filter((line) => line.startsWith(call) && line.slice(line.lastIndexOf("->")).includes(outcome)).length;
  const expected = [
    ["create", `"answer":[{`],
    ["create", `"answer":[]`],
    ["create", `"error":"refused"`],
    ["create", `"error":"LEASE_LOST"`],
    ["commit", `"unread":true`],
    ["commit", `"unread":false`],
    ["commit", `"conflicts":{"hook_`],
    ["commit", `"error":"refused"`],
    ["commit", `"error":"LEASE_LOST"`],
    ["resume", `"status":"delivered"`],
    ["resume", `"status":"nobody"`],
    ["run_cancelled", `"status":"delivered"`],
    ["run_cancelled", `"status":"ended"`],
    ["hook_received", `"status":"nobody"`],
    ["wait_completed", `"status":"delivered"`],
    ["hook_received", `"status":"delivered"`],
    ["lease for", `"answer":[{`],
    ["lease for", `"error":"LEASE_LOST"`],
    ["leaseRun", `"answer":[{`],
    ["renew", "-> {}"],
    ["renew", `"error":"LEASE_LOST"`],
    ["leave", "-> {}"],
    ["release", "-> {}"],
  ] as const;
  expect(expected.filter(([call, outcome]) => reached(call, outcome) < 3)).toEqual([]);
});

test("a seed repeats exactly", async () => {
  expect(await compareWithModel(model, 7, 60)).toEqual(await compareWithModel(model, 7, 60));
  expect(await compareWithModel(model, 7, 60)).not.toEqual(await compareWithModel(model, 8, 60));
});

/** Worlds with one mistake each. */
const MISTAKES: Readonly<Record<string, (world: World) => Partial<World>>> = {
  "loses every payload it acknowledges": (world) => ({
    deliver: async (to, fact) =>
      fact.type === "hook_received" && "token" in to
        ? await world.hooks.getByToken(to.token).then(
            (hook) => ({ status: "delivered", runId: hook.runId, hook }),
            () => ({ status: "nobody" }),
          )
        : await world.deliver(to, fact),
  }),
  "delivers twice": (world) => ({
    deliver: async (to, fact) => {
      await world.deliver(to, fact);
      return await world.deliver(to, fact);
    },
  }),
  "writes a turn in another order": (world) => ({
    commit: (lease, turn) => world.commit(lease, { ...turn, entries: turn.entries.toReversed() }),
  }),
  "forgets when a run is due": (world) => ({
    commit: (lease, turn) => world.commit(lease, { ...turn, dueAt: null }),
  }),
  "hides that facts are unread": (world) => ({
    commit: async (lease, turn) => ({ ...(await world.commit(lease, turn)), unread: false }),
  }),
  "lets a worker that was given up renew": (world) => ({
    renew: (worker) =>
      world.renew(worker).catch((error: unknown) => {
        if (!LeaseLostError.is(error)) throw error;
      }),
  }),
  "does not let workers leave": () => ({ leave: async () => undefined }),
  "leases one run at a time": (world) => ({ lease: (worker, want) => world.lease(worker, Math.min(want, 1)) }),
  "keeps what is released": () => ({ release: async () => undefined }),
  "drops problems": (world) => ({ release: (lease, { dueAt }) => world.release(lease, { dueAt }) }),
  "shows the hooks of ended runs to nobody, and no others": (world) => ({
    hooks: { ...world.hooks, list: async () => ({ data: [], cursor: null, hasMore: false }) },
  }),
};

describe("the comparison notices a World that", () => {
  for (const [mistake, make] of Object.entries(MISTAKES)) {
    test(`${mistake}`, async () => {
      const open: OpenWorld = async ({ clock }) => {
        const world = createMemoryWorld({ clock });
        return { ...world, ...make(world) };
      };
      const compareAll = async (): Promise<void> => {
        for (const seed of SEEDS) await compareWithModel(open, seed, 80);
      };
      await expect(compareAll()).rejects.toThrow(/expected .* to deeply equal/);
    });
  }
});
