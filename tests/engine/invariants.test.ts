// Those of the engine's invariants that no World alone can keep. ARCHITECTURE.md says where each is tested.
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { getStepMetadata, getWorkflowMetadata } from "workflow";
import { resumeHook, start } from "workflow/api";
import { createTestClock } from "@workflow/world/testkit";
import { LEASE_TTL_MS, type World } from "workflow/world";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

/** The World as another worker of the same data sees it: alone, because the first one does not renew any more. */
function deaf(world: World): World {
  const never = (): Promise<never> => new Promise(() => {});
  return Object.create(world, { renew: { value: never }, onHint: { value: () => () => {} } }) as World;
}

describeEngine("invariants", ({ openWorld, startEngine }) => {
  describe("I4 steps are at-least-once, results exactly-once", () => {
    test("a body runs only when its start is durable, with the attempt that it is told [07-7.15.step-result]", async () => {
      const seen: unknown[] = [];
      const look = async (world: World): Promise<void> => {
        const { workflowRunId } = getWorkflowMetadata();
        const { stepId, attempt } = getStepMetadata();
        const { status, attempt: stored } = await world.steps.get(workflowRunId, stepId);
        seen.push([status, stored, attempt]);
        if (attempt < 3) throw new Error("again");
      };
      const world = await openWorld();
      deploy(realmCode(["look"], `workflow("main", async () => look());`), { look: () => look(world) });
      await startEngine({ world });
      await (
        await start(workflow("main"), [])
      ).returnValue;
      expect(seen).toEqual([1, 2, 3].map((attempt) => ["running", attempt, attempt]));
    });

    test("of a step that ran in two workers one result is recorded; the late one is refused [07-7.1.one-result]", async () => {
      const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
      let calls = 0;
      deploy(realmCode(["slow"], `workflow("main", async () => slow());`), {
        slow: () => gates[calls++]?.promise ?? Promise.reject(new Error("a third call")),
      });
      const clock = createTestClock(Date.now());
      const world = await openWorld(clock);
      await startEngine({ world: deaf(world), graceMs: 1 });
      const run = await start(workflow("main"), []);
      await passTime(clock, async () => calls === 1);
      await startEngine({ world });
      clock.advance(LEASE_TTL_MS + 1);
      await passTime(clock, async () => calls === 2);
      gates[0]?.resolve("late");
      await clock.advanceSettled(100);
      expect(await run.status).toBe("running");
      gates[1]?.resolve("first recorded");
      await passTime(clock, async () => (await run.status) === "completed");
      expect(await run.returnValue).toBe("first recorded");
      expect((await eventTypes(world, run.runId)).filter((type) => type === "step_completed")).toHaveLength(1);
    });
  });

  describe("I9 no hot polling", () => {
    test("while time stands still, everything on the common path happens", async () => {
      deploy(
        realmCode(
          ["a"],
          `workflow("main", async () => {
            const hook = createHook({ token: "t" });
            const got = [];
            for (let i = 0; i < 3; i++) got.push(await hook, await a(i));
            return got;
          });`,
        ),
        { a: async (i) => `a${i}` },
      );
      const clock = createTestClock();
      const world = await openWorld(clock);
      await startEngine({ world });
      const run = await start(workflow("main"), []);
      await untilEvent(world, run.runId, "hook_created");
      for (const n of [1, 2, 3]) await resumeHook("t", n);
      expect(await run.returnValue).toEqual([1, "a0", 2, "a1", 3, "a2"]);
      const next = await start(workflow("main"), []);
      await untilEvent(world, next.runId, "hook_created");
      await next.cancel();
      expect(await next.status).toBe("cancelled");
    });
  });

  describe("I10 cold runs are free", () => {
    test("a worker that comes up takes, reads and replays none of the runs that only wait", async () => {
      deploy(realmCode([], `workflow("main", async (n) => createHook({ token: "cold" + n }));`));
      const world = await openWorld();
      const first = await startEngine({ world });
      const runs = await Promise.all(Array.from({ length: 300 }, (_, n) => start(workflow("main"), [n])));
      while ((await world.hooks.list({ pagination: { limit: 1000 } })).data.length < runs.length) await setImmediate();
      await first.stop();
      const reads: string[] = [];
      const counted = Object.create(world, {
        read: {
          value: (runId: string, after: number) => {
            reads.push(runId);
            return world.read(runId, after);
          },
        },
      }) as World;
      const { worker } = await startEngine({ world: counted });
      expect(await world.nextDueAt()).toBeNull();
      await resumeHook("cold7", "up");
      expect(await runs[7]?.returnValue).toBe("up");
      expect(new Set(reads)).toEqual(new Set([runs[7]?.runId]));
      expect(worker.counts.replays).toBe(1);
    });
  });
});
