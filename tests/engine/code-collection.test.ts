import { createTestClock } from "@workflow/world/testkit";
import { expect, test } from "vitest";
import { start } from "workflow/api";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

describeEngine("code that no run needs", ({ openWorld, startEngine }) => {
  test("a worker that comes up removes it, and keeps what a parked run needs", async () => {
    const clock = createTestClock();
    const world = await openWorld(clock);
    const first = await startEngine({ world });
    deploy(realmCode([], `workflow("main", async () => "over");`));
    const over = await start(workflow("main"), []);
    await over.returnValue;
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "waiting" }));`));
    const waiting = await start(workflow("main"), []);
    await untilEvent(world, waiting.runId, "hook_created");
    await first.stop();
    const [unused, needed] = await Promise.all(
      [over, waiting].map(async ({ runId }) => (await world.runs.get(runId)).deploymentId),
    );
    expect(await world.code.get(unused ?? "")).not.toBeNull();
    // A process that has just stored it would find it gone.
    clock.advance(600_001);
    await startEngine({ world });
    while ((await world.code.get(unused ?? "")) !== null) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await world.code.get(needed ?? "")).not.toBeNull();
  });

  test("a process that stored its code long ago stores it again when it was collected", async () => {
    for (const worker of [true, false]) {
      const world = await openWorld();
      const engine = await startEngine({ world });
      deploy(realmCode([], `workflow("main", async (n) => n);`));
      const before = await start(workflow("main"), [1]);
      await before.returnValue;
      if (!worker) await engine.stop();
      const { deploymentId } = await world.runs.get(before.runId);
      expect(await world.code.collect(Infinity)).toBe(1);
      expect(await world.code.get(deploymentId)).toBeNull();
      const run = await start(workflow("main"), [2]);
      if (!worker) await startEngine({ world });
      expect(await run.returnValue).toBe(2);
    }
  });
});
