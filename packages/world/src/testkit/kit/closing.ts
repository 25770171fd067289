import { describe, expect } from "vitest";
import { eventIdOf, WorkflowWorldError, type World } from "workflow/world";
import { cancelled, CODE, newRunOf, offerOf } from "./events.ts";
import type { Check } from "./scene.ts";

/** Every method but `onHint`, which only listens, and `close`. */
function callsOn(world: World, runId: string): Readonly<Record<string, () => Promise<unknown>>> {
  const lease = { runId, worker: "wrkr_a", epoch: 1 };
  return {
    "runs.get": () => world.runs.get(runId),
    "runs.list": () => world.runs.list(),
    "runs.waitForTerminalStatus": () => world.runs.waitForTerminalStatus(runId),
    "steps.get": () => world.steps.get(runId, "step_1"),
    "steps.list": () => world.steps.list({ runId }),
    "hooks.get": () => world.hooks.get("hook_1"),
    "hooks.getByToken": () => world.hooks.getByToken("door"),
    "hooks.list": () => world.hooks.list(),
    "events.get": () => world.events.get(runId, eventIdOf(1)),
    "events.list": () => world.events.list({ runId }),
    "events.listByCorrelationId": () => world.events.listByCorrelationId({ runId, correlationId: "step_1" }),
    "code.put": () => world.code.put(CODE),
    "code.get": () => world.code.get(CODE.hash),
    createRun: () => world.createRun(newRunOf(5)),
    commit: () => world.commit(lease, { after: 2, entries: [], drops: [], dueAt: null }),
    deliver: () => world.deliver({ runId }, cancelled()),
    join: () => world.join("wrkr_a"),
    renew: () => world.renew("wrkr_a"),
    leave: () => world.leave("wrkr_a"),
    lease: () => world.lease("wrkr_a", 1),
    leaseRun: () => world.leaseRun("wrkr_a", runId),
    release: () => world.release(lease, { dueAt: null }),
    ...(world.offers !== null && {
      "offers.take": async () => await world.offers?.take("wrkr_a", [], 1),
      "offers.finish": async () => await world.offers?.finish("wrkr_a", { ...offerOf("step_1"), id: 1, runId }, null),
    }),
    read: () => world.read(runId, 0),
    nextDueAt: () => world.nextDueAt(),
  };
}

export function describeClosing(check: Check): void {
  describe("closing", () => {
    check("a closed World refuses every call", async ({ world, own }) => {
      const { runId } = await own();
      const calls = callsOn(world, runId);
      await world.close();
      const answered: string[] = [];
      for (const [method, call] of Object.entries(calls)) {
        const code = await call().then(
          () => "none",
          (error: unknown) => (WorkflowWorldError.is(error) ? error.code : "foreign"),
        );
        if (code !== "WORLD_CLOSED") answered.push(`${method}: ${code}`);
      }
      expect(answered).toEqual([]);
    });

    check("closing twice is closing once", async ({ world }) => {
      await Promise.all([world.close(), world.close()]);
      await world.close();
      await expect(world.runs.list()).rejects.toMatchObject({ code: "WORLD_CLOSED" });
    });
  });
}
