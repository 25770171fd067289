// Interleavings in which a run, a step or a place for one was once lost.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { getRun, resumeHook, resumeOrStart, start } from "workflow/api";
import { withFaults } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

const failed = (message: string): Error => Object.assign(new Error(message), { code: "WORLD_FAILED" });

describeEngine("interleavings", ({ openWorld, startEngine }) => {
  test("a place that is offered to a run that ends is offered to the next", async () => {
    const body = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["long", "quick"],
        `workflow("x", async () => { await long(); });
        workflow("a", async () => Promise.race([quick(), createHook({ token: "a" })]));
        workflow("b", async () => quick());`,
      ),
      { long: () => body.promise, quick: async () => "quick" },
    );
    let hold: Promise<void> | undefined;
    const held = Promise.withResolvers<void>();
    const world = withFaults(await openWorld(), async ({ write, phase }) => {
      if (write !== "commit" || phase !== "before" || hold === undefined) return;
      const gate = hold;
      hold = undefined;
      held.resolve();
      await gate;
    });
    await startEngine({ world, concurrency: 1 });
    const x = await start(workflow("x"), []);
    await untilEvent(world, x.runId, "step_started");
    const [a, b] = [await start(workflow("a"), []), await start(workflow("b"), [])];
    await untilEvent(world, a.runId, "hook_created");
    await untilEvent(world, b.runId, "step_created");
    await pause(20);
    const gate = Promise.withResolvers<void>();
    hold = gate.promise;
    const resumed = resumeHook("a", "payload");
    await held.promise;
    body.resolve();
    await x.returnValue;
    gate.resolve();
    await resumed;
    expect(await a.returnValue).toBe("payload");
    expect(await b.returnValue).toBe("quick");
  });

  test("a retry that is due and has no place waits for one, and not for the time", async () => {
    const body = Promise.withResolvers<void>();
    let tries = 0;
    deploy(realmCode(["long", "flaky"], `workflow("x", async () => long()); workflow("y", async () => flaky());`), {
      long: () => body.promise,
      flaky: async () => {
        tries += 1;
        if (tries === 1) throw new Error("once");
        return "at last";
      },
    });
    const raw = await openWorld();
    let alarms = 0;
    const schedule = (at: number, task: () => void): (() => void) => {
      alarms += 1;
      return raw.clock.schedule(at, task);
    };
    const world = { ...withFaults(raw, () => undefined), clock: { ...raw.clock, schedule } };
    await startEngine({ world, concurrency: 1 });
    const y = await start(workflow("y"), []);
    await untilEvent(world, y.runId, "step_retrying");
    const x = await start(workflow("x"), []);
    await untilEvent(world, x.runId, "step_started");
    await pause(200);
    alarms = 0;
    await pause(300);
    expect(alarms).toBeLessThan(10);
    body.resolve();
    expect(await y.returnValue).toBe("at last");
  });

  test("a run whose creation was stored and not answered is worked on, and its hooks are found [07-7.14.start] [07-7.15.start]", async () => {
    deploy(
      realmCode(
        ["quick"],
        `workflow("m", async () => { const hook = createHook({ token: "t" }); await quick(); return hook; });`,
      ),
      { quick: async () => 1 },
    );
    const raw = await openWorld();
    const gate = Promise.withResolvers<void>();
    let losing = true;
    const world = withFaults(raw, async ({ write, phase }) => {
      if (!losing || phase !== "after") return;
      if (write === "createRun") throw failed("the answer was lost");
      if (write === "commit") {
        await gate.promise;
        losing = false;
      }
    });
    await startEngine({ world });
    await expect(start(workflow("m"), [])).rejects.toThrow("the answer was lost");
    gate.resolve();
    const [run] = (await raw.runs.list()).data;
    const runId = run?.runId ?? "";
    await untilEvent(raw, runId, "step_completed");
    await resumeHook("t", 5);
    expect(await getRun(runId).returnValue).toBe(5);
  });

  test("a run that resumeOrStart has created, and was not told of, is worked on", async () => {
    deploy(realmCode([], `workflow("m", async (token) => createHook({ token }));`));
    const raw = await openWorld();
    const world = withFaults(raw, ({ write, phase }) => {
      if (write === "createRun" && phase === "after") throw failed("the answer was lost");
    });
    await startEngine({ world });
    await expect(resumeOrStart("t", 5, workflow("m"), ["t"])).rejects.toThrow("the answer was lost");
    const [run] = (await raw.runs.list()).data;
    expect(await getRun(run?.runId ?? "").returnValue).toBe(5);
  });

  test("a start that comes to nothing wakes the run that was opened meanwhile", async () => {
    const body = Promise.withResolvers<void>();
    deploy(realmCode(["long", "quick"], `workflow("x", async () => long()); workflow("a", async () => quick());`), {
      long: () => body.promise,
      quick: async () => "quick",
    });
    const raw = await openWorld();
    let failing = false;
    const world = withFaults(raw, ({ write, phase }) => {
      if (failing && write === "commit" && phase === "before") throw failed("the disk is full");
    });
    const engine = await startEngine({ world, concurrency: 1, sweepMs: 50 });
    const x = await start(workflow("x"), []);
    await untilEvent(world, x.runId, "step_started");
    const a = await start(workflow("a"), []);
    await untilEvent(world, a.runId, "step_created");
    failing = true;
    body.resolve();
    await pause(400);
    // Others give the worker up; it joins again and opens both runs anew, while the old turns are still tried.
    await raw.leave(engine.worker.id);
    await pause(300);
    failing = false;
    expect(await a.returnValue).toBe("quick");
  });
});
