import { expect, test } from "vitest";
import { getHookByToken, getRun, resumeHook, start } from "workflow/api";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const LOOPS = realmCode(
  ["work", "slow"],
  `workflow("count", async (n, seen = []) => {
     seen.push(await work(n), crypto.randomUUID());
     return n < 3 ? continueAsNew(n + 1, seen) : seen;
   });
   workflow("inbox", async (total = 0, rounds = 0) => {
     const hook = createHook({ token: "inbox" });
     for (let i = 0; i < 3; i++) {
       const n = await hook;
       if (n === "stop") return [total, rounds];
       total += n;
     }
     return continueAsNew(total, rounds + 1);
   });
   workflow("busy", async (round = 0) => {
     if (round === 1) return createHook({ token: "busy" });
     void slow();
     void sleep("1h");
     await work(0);
     return continueAsNew(1);
   });
   workflow("unstorable", async () => { await work(1); return continueAsNew(Symbol("s")); });`,
);

describeEngine("continueAsNew", ({ openWorld, startEngine }) => {
  test("the run goes on under its id with new arguments, a new history, new ids and new random numbers", async () => {
    const stepIds = new Set<string>();
    deploy(LOOPS, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("count"), [0]);
    const result = (await run.returnValue) as unknown[];
    expect(result.filter((one) => typeof one === "number")).toEqual([0, 1, 2, 3]);
    expect(new Set(result).size).toBe(8);
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      "step_created",
      "step_started",
      "step_completed",
      "run_completed",
    ]);
    const found = await world.runs.get(run.runId);
    expect(found).toMatchObject({ status: "completed", generation: 3 });
    expect(found.createdAt.getTime()).toBeLessThan(found.startedAt?.getTime() ?? 0);
    for (const { stepId } of (await world.steps.list({ runId: run.runId })).data) stepIds.add(stepId);
    expect(stepIds.size).toBe(1);
  });

  test("payloads that no code has taken are for the next generation, in their order, whenever they came", async () => {
    deploy(LOOPS);
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("inbox"), []);
    await untilEvent(world, run.runId, "hook_created");
    const resumed: Promise<unknown>[] = [];
    for (let n = 1; n <= 50; n++) resumed.push(resumeHook("inbox", n));
    await Promise.all(resumed);
    await first.stop();
    // In the inbox while nobody works, and with keys.
    await resumeHook("inbox", 100, { idempotencyKey: "hundred" });
    await startEngine({ world });
    const again = await resumeHook("inbox", 100, { idempotencyKey: "hundred" });
    expect(again.status).toBe("duplicate");
    await resumeHook("inbox", "stop");
    await expect(run.returnValue).resolves.toEqual([(50 * 51) / 2 + 100, 17]);
  });

  test("the token is the run's all along", async () => {
    deploy(LOOPS);
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("inbox"), []);
    await untilEvent(world, run.runId, "hook_created");
    for (let n = 0; n < 3; n++) await resumeHook("inbox", 1);
    await expect.poll(async () => (await world.runs.get(run.runId)).generation).toBe(1);
    await untilEvent(world, run.runId, "hook_created");
    await expect(getHookByToken("inbox")).resolves.toMatchObject({ runId: run.runId });
    await engine.stop();
    await startEngine({ world });
    await resumeHook("inbox", "stop");
    await expect(getRun(run.runId).returnValue).resolves.toEqual([3, 1]);
  });

  test("steps and sleeps of the old generation mean nothing to the new one", async () => {
    const clock = createTestClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    deploy(LOOPS, { work: async (n) => n, slow: () => promise });
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("busy"), []);
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("hook_created"));
    resolve();
    await clock.advanceSettled(2 * 60 * 60 * 1000);
    expect(await eventTypes(world, run.runId)).toEqual(["run_created", "run_started", "hook_created"]);
    await resumeHook("busy", "done");
    await passTime(clock, async () => (await world.runs.get(run.runId)).status === "completed");
  });

  test("a cancellation that comes while it continues is not lost", async () => {
    deploy(LOOPS, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("inbox"), []);
    await untilEvent(world, run.runId, "hook_created");
    const resumed = [1, 2, 3].map((n) => resumeHook("inbox", n));
    await run.cancel();
    await Promise.allSettled(resumed);
    await expect(run.status).resolves.toBe("cancelled");
  });

  test("arguments that cannot be stored fail the run, as any error does", async () => {
    deploy(LOOPS, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("unstorable"), []);
    const error: unknown = await run.returnValue.catch((reason: unknown) => reason);
    expect((error as Error).message).toContain("cannot be serialized");
  });

  test("the code that is deployed then is used from then on", async () => {
    deploy(LOOPS);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("inbox"), []);
    await untilEvent(world, run.runId, "hook_created");
    deploy(realmCode([], `workflow("inbox", async (total, rounds) => ["new code", total, rounds]);`));
    for (let n = 0; n < 3; n++) await resumeHook("inbox", 2);
    await expect(run.returnValue).resolves.toEqual(["new code", 6, 1]);
  });
});
