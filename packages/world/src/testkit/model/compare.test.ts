import { describe, expect, test } from "vitest";
import { LeaseLostError, type Turn, type TurnEntry, type World } from "workflow/world";
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
    ["create", `"status":"exists"`],
    ["create", `"delivery":{"status":"delivered"`],
    ["create", `"delivery":{"status":"duplicate"`],
    ["create", `"error":"LEASE_LOST"`],
    ["commit", `"unread":true`],
    ["commit", `"unread":false`],
    ["commit", `"conflicts":{"hook_`],
    ["commit", `"error":"refused"`],
    ["commit", `"error":"LEASE_LOST"`],
    ["resume", `"status":"delivered"`],
    ["resume", `"status":"nobody"`],
    ["resume", `"status":"duplicate"`],
    ["resume", `"repeated":false`],
    ["resume", `"repeated":true`],
    ["find", `"hookId"`],
    ["find", `"error":"HOOK_NOT_FOUND"`],
    ["put", "true"],
    ["put", "false"],
    ["wait for", "null"],
    ["wait for", `"answer":"devl`],
    ["wait for", `"error":"RUN_NOT_FOUND"`],
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

/** The turn, with hooks that last. */
function withoutExpiry(turn: Turn): Turn {
  const entries = turn.entries.map((entry): TurnEntry => {
    if (entry.kind !== "event" || entry.event.type !== "hook_created") return entry;
    const { expiresAt: _, ...data } = entry.event.data;
    return { kind: "event", event: { ...entry.event, data } };
  });
  return { ...turn, entries };
}

/** Worlds with one mistake each. */
const MISTAKES: Readonly<Record<string, (world: World) => Partial<World>>> = {
  "loses every payload it acknowledges": (world) => ({
    deliver: async (to, fact, options) =>
      fact.type === "hook_received" && "token" in to
        ? await world.hooks.getByToken(to.token).then(
            (hook) => ({ status: "delivered", runId: hook.runId, hook }),
            () => ({ status: "nobody" }),
          )
        : await world.deliver(to, fact, options),
  }),
  "delivers twice": (world) => ({
    deliver: async (to, fact, options) => {
      const delivery = await world.deliver(to, fact, options);
      if (delivery.status === "delivered") await world.deliver(to, fact);
      return delivery;
    },
  }),
  "forgets keys": (world) => ({
    deliver: (to, fact, options = {}) => {
      const { idempotencyKey: _, ...rest } = options;
      return world.deliver(to, fact, rest);
    },
  }),
  "holds nothing": (world) => ({
    deliver: (to, fact, options = {}) => {
      const { holdUntil: _, ...rest } = options;
      return world.deliver(to, fact, rest);
    },
  }),
  "holds for ever": (world) => ({
    deliver: async (to, fact, options = {}) => {
      const { holdUntil = 0 } = options;
      const longer = holdUntil > world.clock.now() && { holdUntil: Number.MAX_SAFE_INTEGER };
      const delivery = await world.deliver(to, fact, { ...options, ...longer });
      return delivery.status === "held" ? { ...delivery, until: holdUntil } : delivery;
    },
  }),
  "forgets the keys of starts": (world) => ({
    createRun: (run, worker) => {
      const { idempotencyKey: _, ...rest } = run;
      return world.createRun(rest, worker);
    },
  }),
  "forgets what runs are created with": (world) => ({
    createRun: (run, worker) => {
      const { claim: _, ...rest } = run;
      return world.createRun(rest, worker);
    },
  }),
  "lets hooks live for ever": (world) => ({
    commit: (lease, turn) => world.commit(lease, withoutExpiry(turn)),
  }),
  "finds no hook that outlives its run": (world) => ({
    hooks: {
      ...world.hooks,
      getByToken: async (token) => {
        const hook = await world.hooks.getByToken(token);
        return await world.hooks.get(hook.hookId);
      },
    },
  }),
  "takes every answer for the first": (world) => ({
    answers: {
      ...world.answers,
      put: async (...args) => {
        await world.answers.put(...args);
        return true;
      },
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
