import { expect, test } from "vitest";
import { getStepMetadata } from "workflow";
import { resumeHook, start } from "workflow/api";
import { WorkflowRunCancelledError } from "workflow/errors";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const CAREFUL = realmCode(
  ["book", "undo", "never"],
  `const { WorkflowRunCancelledError } = __workflow.modules["workflow/errors"];
   workflow("trip", async (where) => {
     cancellable({ cleanup: "10s" });
     const hook = createHook({ token: "trip" });
     const booked = [];
     try {
       booked.push(await book("flight"));
       if (where === "step") await never();
       if (where === "sleep") await sleep("30d");
       if (where === "hook") await hook;
       if (where === "race") await Promise.race([hook, sleep("30d"), never()]);
       if (where === "receive") await hook.receive({ timeout: "30d" });
       if (where === "iterate") for await (const one of hook) booked.push(one);
     } catch (error) {
       if (!WorkflowRunCancelledError.is(error)) throw error;
       booked.push(error.message);
       throw error;
     } finally {
       await sleep(1);
       await undo(booked);
     }
   });
   workflow("stubborn", async () => {
     cancellable({ cleanup: "10s" });
     for (;;) { try { await sleep("1d"); } catch {} }
   });
   workflow("plain", async () => { try { await sleep("30d"); } finally { await undo(["plain"]); } });
   workflow("wrong", async () => cancellable({ cleanup: "2 days" }));`,
);

describeEngine("cancellation with cleanup", ({ openWorld, startEngine }) => {
  test.each(["step", "sleep", "hook", "race", "receive", "iterate"])(
    "what the code waits for rejects, and its finally blocks run steps: %s",
    async (where) => {
      const undone: unknown[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      deploy(CAREFUL, { book: async (what) => what, never: () => promise, undo: async (what) => undone.push(what) });
      const world = await openWorld();
      const engine = await startEngine({ world });
      const run = await start(workflow("trip"), [where]);
      await untilEvent(world, run.runId, "step_completed");
      await run.cancel({ cancelReason: "rain" });
      await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
      expect(undone).toEqual([["flight", expect.stringContaining("rain")]]);
      expect(await world.runs.get(run.runId)).toMatchObject({ status: "cancelled", cancelReason: "rain" });
      expect((await eventTypes(world, run.runId)).filter((type) => type.includes("cancel"))).toEqual([
        "cancel_requested",
        "run_cancelled",
      ]);
      expect(engine.failed).toEqual([]);
      resolve();
    },
  );

  test("a worker that dies in the cleanup is followed by one that goes on with it", async () => {
    const undone: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<unknown>();
    deploy(CAREFUL, { book: async (what) => what, undo: () => promise });
    const world = await openWorld();
    const first = await startEngine({ world, graceMs: 0 });
    const run = await start(workflow("trip"), ["sleep"]);
    await untilEvent(world, run.runId, "step_completed");
    const cancelled = run.cancel({ cancelReason: "rain" });
    await untilEvent(world, run.runId, "step_started", 2);
    await first.stop();
    deploy(CAREFUL, { book: async (what) => what, undo: async (what) => undone.push(what) });
    await startEngine({ world });
    await cancelled;
    expect(undone).toHaveLength(1);
    resolve(undefined);
  });

  test("a cancellation that waits for a worker is told to the code all the same", async () => {
    const undone: unknown[] = [];
    deploy(CAREFUL, { book: async (what) => what, undo: async (what) => undone.push(what) });
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("trip"), ["hook"]);
    await untilEvent(world, run.runId, "step_completed");
    await first.stop();
    await world.deliver({ runId: run.runId }, { type: "run_cancelled", data: {}, at: world.clock.now() });
    await startEngine({ world });
    await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
    expect(undone).toHaveLength(1);
  });

  test("code that does not end is ended at the deadline, and cancelling it again does not move that", async () => {
    const clock = createTestClock();
    deploy(CAREFUL);
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("stubborn"), []);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("wait_created"));
    const cancel = (): Promise<unknown> =>
      world.deliver({ runId: run.runId }, { type: "run_cancelled", data: {}, at: clock.now() });
    await cancel();
    await passTime(clock, async () => (await world.runs.get(run.runId)).cancelling !== undefined);
    const { cancelling } = await world.runs.get(run.runId);
    await clock.advanceSettled(5_000);
    await cancel();
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "cancelled");
    const { completedAt } = await world.runs.get(run.runId);
    expect(completedAt?.getTime()).toBeGreaterThanOrEqual(cancelling?.deadline.getTime() ?? Infinity);
    expect(completedAt?.getTime()).toBeLessThan((cancelling?.deadline.getTime() ?? 0) + 1_000);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "cancel_requested")).toHaveLength(1);
  });

  test("code that has not asked is not told: no finally block runs [07-7.4.running]", async () => {
    const undone: unknown[] = [];
    deploy(CAREFUL, { undo: async (what) => undone.push(what) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("plain"), []);
    await untilEvent(world, run.runId, "wait_created");
    await run.cancel();
    expect(await eventTypes(world, run.runId)).toEqual(["run_created", "run_started", "wait_created", "run_cancelled"]);
    expect(undone).toEqual([]);
  });

  test("a cleanup that is too long is refused", async () => {
    deploy(CAREFUL);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("wrong"), []);
    await expect(run.returnValue).rejects.toThrow("at most 24 hours");
  });

  test("a payload that comes during the cleanup is not lost for it", async () => {
    deploy(
      realmCode(
        [],
        `workflow("talk", async () => {
           cancellable();
           const hook = createHook({ token: "talk" });
           try { await hook; } catch {}
           await createHook({ token: "said" + (await hook) });
         });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("talk"), []);
    await untilEvent(world, run.runId, "hook_created");
    void run.cancel();
    await untilEvent(world, run.runId, "cancel_requested");
    await resumeHook("talk", "yes");
    await untilEvent(world, run.runId, "hook_created", 2);
    await resumeHook("saidyes", null);
    await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
  });

  test("steps that run when the cancellation comes are told by their signal; those of the cleanup are not", async () => {
    const reasons: unknown[] = [];
    deploy(CAREFUL, {
      book: async (what) => what,
      never: async () => {
        const { signal } = getStepMetadata();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        reasons.push(signal.reason);
      },
      undo: async () => expect(getStepMetadata().signal.aborted).toBe(false),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("trip"), ["step"]);
    await untilEvent(world, run.runId, "step_started", 2);
    await run.cancel({ cancelReason: "rain" });
    await expect(run.returnValue).rejects.toThrow(WorkflowRunCancelledError);
    expect(reasons.map(String)).toEqual([expect.stringContaining("rain")]);
  });
});
