import { expect, test } from "vitest";
import { resumeHook, start } from "workflow/api";
import { WorkflowRunCancelledError } from "workflow/errors";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const CODE = realmCode(
  ["charge", "undo", "quick"],
  `workflow("loops", async (first) => {
     cancellable();
     try { await sleep("30d"); } finally {
       if (first) await undo();
       for (;;) __workflow.refuel();
     }
   });
   workflow("charges", async () => {
     cancellable({ cleanup: "1h" });
     try { await charge(); } finally { await sleep("1m"); await undo(); }
   });
   workflow("charges two", async () => {
     cancellable({ cleanup: "1h" });
     try { await Promise.all([quick(), charge()]); } finally { await sleep("1m"); await undo(); }
   });
   workflow("rounds", async (round = 0) => {
     cancellable();
     const hook = createHook({ token: "rounds" });
     try { await hook; } catch (error) { await undo(round); throw error; }
     return continueAsNew(round + 1);
   });
   workflow("limited", async () => {
     cancellable();
     const limit = sleep("30d");
     try { await Promise.race([createHook({ token: "limited" }), limit]); } catch {}
     const first = await Promise.race([undo().then(() => "undone"), limit.then(() => "too late", () => "cancelled")]);
     await quick(first);
   });
   workflow("limited again", async () => {
     cancellable();
     const limit = sleep("30d");
     try { await Promise.race([createHook({ token: "limited" }), limit]); } catch {}
     await quick(await Promise.race([limit, undo()]).then(() => "over", () => "cancelled"));
   });`,
);

describeEngine("the bounds of a cleanup", ({ openWorld, startEngine }) => {
  test.each([false, true])(
    "code that gets stuck in its cleanup is cancelled all the same (later: %s)",
    async (later) => {
      deploy(CODE, { undo: async () => {} });
      const world = await openWorld();
      const engine = await startEngine({ world, turnTimeoutMs: 50 });
      const run = await start(workflow("loops"), [later]);
      await untilEvent(world, run.runId, "wait_created");
      await run.cancel({ cancelReason: "rain" });
      await expect
        .poll(async () => world.runs.get(run.runId))
        .toMatchObject({ status: "cancelled", cancelReason: "rain" });
      expect(engine.problems).toEqual([expect.stringContaining("was stopped")]);
    },
  );

  test("a step that the cancellation interrupted is not tried again while the code cleans up after it", async () => {
    const clock = createTestClock();
    let charges = 0;
    const undone: number[] = [];
    const { promise, reject } = Promise.withResolvers<void>();
    deploy(CODE, { charge: () => ((charges += 1), promise), undo: async () => undone.push(charges) });
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("charges"), []);
    await passTime(clock, async () => charges === 1);
    void run.cancel();
    await untilEvent(world, run.runId, "cancel_requested");
    reject(new Error("interrupted"));
    await clock.advanceSettled(120_000);
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "cancelled");
    expect(charges).toBe(1);
    expect(await eventTypes(world, run.runId)).toContain("step_failed");
  });

  test("nor one that waited for its next attempt", async () => {
    const clock = createTestClock();
    const bodies: string[] = [];
    const fail = (name: string) => async (): Promise<void> => {
      bodies.push(name);
      throw new Error(name);
    };
    const charge = Object.assign(fail("charge"), { backoff: { initial: 30_000 } });
    const { promise, resolve } = Promise.withResolvers<void>();
    deploy(CODE, { charge, quick: () => promise, undo: async () => bodies.push("undo") });
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("charges"), []);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("step_retrying"));
    void run.cancel();
    await untilEvent(world, run.runId, "cancel_requested");
    await clock.advanceSettled(120_000);
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "cancelled");
    expect(bodies).toEqual(["charge", "undo"]);
    resolve();
  });

  test("nor is it started again by the worker that takes over", async () => {
    const clock = createTestClock();
    let charges = 0;
    const undone: number[] = [];
    deploy(CODE, {
      charge: () => ((charges += 1), new Promise<void>(() => {})),
      undo: async () => undone.push(charges),
    });
    const world = await openWorld(clock);
    const first = await startEngine({ world, graceMs: 0 });
    const run = await start(workflow("charges"), []);
    await passTime(clock, async () => charges === 1);
    void run.cancel();
    await untilEvent(world, run.runId, "cancel_requested");
    await first.stop();
    await startEngine({ world });
    await clock.advanceSettled(120_000);
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "cancelled");
    expect([charges, undone]).toEqual([1, [1]]);
  });

  test("a run that continues as new is told of a cancellation in whichever generation it arrives", async () => {
    const undone: unknown[] = [];
    deploy(CODE, { undo: async (round) => undone.push(round) });
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("rounds"), []);
    await untilEvent(world, run.runId, "hook_created");
    await first.stop();
    await resumeHook("rounds", null);
    await world.deliver({ runId: run.runId }, { type: "run_cancelled", data: {}, at: world.clock.now() });
    await startEngine({ world });
    await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
    expect(undone).toEqual([1]);
  });

  test.each(["limited", "limited again"])("a sleep that was interrupted does not seem to be over: %s", async (name) => {
    const seen: unknown[] = [];
    deploy(CODE, { undo: async () => {}, quick: async (what) => seen.push(what) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow(name), []);
    await untilEvent(world, run.runId, "hook_created");
    await run.cancel();
    await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
    expect(seen).toEqual(["cancelled"]);
  });
});
