// What the contract says about sleeps, ends and cancellation of runs (01 section 1.5, 07 sections 7.2 to 7.9).
import { expect, onTestFinished, test } from "vitest";
import { getHookByToken, getRun, registerLifecycleHooks, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunFailedError } from "workflow/errors";
import { setWorld } from "workflow/runtime";
import { createTestClock, type TestClock } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const DAY = 24 * 60 * 60 * 1000;

describeEngine("contract: runs", ({ openWorld, startEngine }) => {
  /** Deploys workflows and starts a worker. */
  async function run(body: string, steps: Record<string, StepFunction> = {}, clock?: TestClock): Promise<World> {
    deploy(realmCode(Object.keys(steps), body), steps);
    const world = await openWorld(clock);
    await startEngine({ world });
    return world;
  }

  async function countOf(world: World, runId: string, type: string): Promise<number> {
    return (await eventTypes(world, runId)).filter((other) => other === type).length;
  }

  test("a sleep of a month, or of years, ends on its day, with the local variables as they were [07-7.18.7] [07-7.3.unlimited] [01-1.5.no-cap]", async () => {
    const clock = createTestClock(Date.now());
    const body = `workflow("main", async (input) => {
      const locals = { input, list: [1, new Map([["a", 2n]])] };
      await sleep("30d");
      const month = Date.now();
      await sleep(${1000 * DAY});
      return [locals, month, Date.now()];
    });`;
    deploy(realmCode([], body));
    const world = await openWorld(clock);
    let engine = await startEngine({ world });
    const begun = clock.now();
    const main = await start<[string], [unknown, number, number]>(workflow("main"), ["in"]);
    for (const [days, waits] of [
      [30, 1],
      [1000, 2],
    ] as const) {
      await passTime(clock, async () => (await countOf(world, main.runId, "wait_created")) === waits);
      await engine.stop();
      clock.advance(days * DAY - 60_000);
      engine = await startEngine({ world });
      expect(await countOf(world, main.runId, "wait_completed")).toBe(waits - 1);
      clock.advance(60_000);
    }
    await passTime(clock, async () => (await main.status) === "completed");
    const [locals, month, end] = await main.returnValue;
    expect(locals).toEqual({ input: "in", list: [1, new Map([["a", 2n]])] });
    expect(month - begun).toBeGreaterThanOrEqual(30 * DAY);
    expect(end - begun).toBeGreaterThanOrEqual(1030 * DAY);
  });

  test("a sleep until a date and one for a duration end at the same time, which counts from the body's clock [01-1.17.6] [01-1.5.time-base]", async () => {
    const clock = createTestClock(Date.now());
    const world = await run(
      `workflow("main", async () => {
        const now = Date.now();
        const at = (sleeping) => sleeping.then(() => Date.now() - now);
        return Promise.all([at(sleep(new Date(now + 5000))), at(sleep("5s")), at(sleep(5000))]);
      });`,
      {},
      clock,
    );
    const main = await start(workflow("main"), []);
    await passTime(clock, async () => (await main.status) === "completed");
    const { data } = await world.events.list({ runId: main.runId, pagination: { sortOrder: "asc" } });
    const due = data
      .filter(({ eventType }) => eventType === "wait_created")
      .map(({ eventData }) => eventData["resumeAt"]);
    expect(due).toEqual([due[0], due[0], due[0]]);
    for (const slept of (await main.returnValue) as number[]) expect(slept).toBeGreaterThanOrEqual(5000);
  });

  test("a sleep that races a step ends on time while the step runs [01-1.5.racing] [07-7.3.race]", async () => {
    const gate = Promise.withResolvers<void>();
    const clock = createTestClock(Date.now());
    const world = await run(
      `workflow("main", async () => Promise.race([slow(), sleep("10s").then(() => "too slow")]));`,
      { slow: () => gate.promise },
      clock,
    );
    const main = await start(workflow("main"), []);
    await passTime(clock, async () => (await main.status) === "completed");
    expect(await main.returnValue).toBe("too slow");
    expect(await countOf(world, main.runId, "step_completed")).toBe(0);
    gate.resolve();
  });

  test("a body that fails fails its run once and for all, with what it threw [07-7.2.no-retry] [07-7.2.user-error] [03-A.2]", async () => {
    const clock = createTestClock(Date.now());
    let calls = 0;
    deploy(realmCode(["count"], `workflow("main", async () => { await count(); throw new RangeError("late"); });`), {
      count: async () => void (calls += 1),
    });
    const world = await openWorld(clock);
    const engine = await startEngine({ world });
    const main = await start(workflow("main"), []);
    await passTime(clock, async () => (await main.status) === "failed");
    const before = await eventTypes(world, main.runId);
    await engine.stop();
    clock.advance(DAY);
    await startEngine({ world });
    await clock.advanceSettled(60_000);
    expect(await eventTypes(world, main.runId)).toEqual(before);
    expect(calls).toBe(1);
    const error: unknown = await main.returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({ errorCode: "USER_ERROR", cause: { name: "RangeError", message: "late" } });
  });

  test.each(["FatalError", "RetryableError"])(
    "%s thrown by the body is an ordinary error [01-1.12.in-body]",
    async (name) => {
      await run(`workflow("main", async () => { throw new ${name}("of the body"); });`);
      const main = await start(workflow("main"), []);
      const error: unknown = await main.returnValue.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ errorCode: "USER_ERROR", cause: { name, message: "of the body" } });
    },
  );

  test("what a body cannot pass to a step and does not catch fails its run [06-6.10.uncaught]", async () => {
    await run(`workflow("main", async () => { await never(() => 1); });`, { never: async () => {} });
    const error: unknown = await (await start(workflow("main"), [])).returnValue.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ errorCode: "USER_ERROR", cause: { name: "SerializationError", fatal: true } });
  });

  test("a run that is cancelled before anybody works on it runs no code [07-7.4.pending]", async () => {
    let calls = 0;
    deploy(realmCode(["count"], `workflow("main", async () => count());`), { count: async () => void (calls += 1) });
    const world = await openWorld();
    setWorld(world);
    const main = await start(workflow("main"), []);
    const cancelled = main.cancel();
    await startEngine({ world });
    await cancelled;
    await expect(main.returnValue).rejects.toThrow("RUN_CANCELLED");
    expect(calls).toBe(0);
    expect(await eventTypes(world, main.runId)).not.toContain("step_created");
  });

  test("a cancelled run goes through no catch and no finally; its sleeps are over [07-7.4.running] [07-7.4.sleeps] [07-7.15.cancellation]", async () => {
    const clock = createTestClock(Date.now());
    const notes: unknown[] = [];
    const world = await run(
      `workflow("main", async () => {
        try { await sleep("1h"); } catch { await note("catch"); } finally { await note("finally"); }
        await note("after");
      });`,
      { note: async (what) => void notes.push(what) },
      clock,
    );
    const main = await start(workflow("main"), []);
    await passTime(clock, async () => (await countOf(world, main.runId, "wait_created")) === 1);
    await main.cancel();
    await passTime(clock, async () => (await main.status) === "cancelled");
    const before = await eventTypes(world, main.runId);
    clock.advance(2 * 60 * 60 * 1000);
    await clock.advanceSettled(60_000);
    expect(notes).toEqual([]);
    expect(await eventTypes(world, main.runId)).toEqual(before);
    expect(await main.wakeUp()).toEqual({ stoppedCount: 0 });
  });

  test("cancelled in a long step: it finishes, the next one never begins, the hooks are free [07-7.18.5] [07-7.4.hooks] [07-7.4.in-flight]", async () => {
    const gate = Promise.withResolvers<void>();
    const calls: string[] = [];
    const body = `workflow("main", async () => {
      const hook = createHook({ token: "mine" });
      const kept = createHook({ token: "kept", experimental_minRetention: "1h" });
      await long();
      await next();
    });`;
    deploy(realmCode(["long", "next"], body), {
      async long() {
        await gate.promise;
        calls.push("long");
      },
      next: async () => void calls.push("next"),
    });
    const world = await openWorld();
    const engine = await startEngine({ world });
    const main = await start(workflow("main"), []);
    await untilEvent(world, main.runId, "step_started");
    expect(await getHookByToken("mine")).toMatchObject({ runId: main.runId });
    await main.cancel();
    await expect(getHookByToken("mine")).rejects.toThrow(HookNotFoundError);
    expect(await getHookByToken("kept")).toMatchObject({ runId: main.runId });
    await expect(resumeHook("kept", 1)).rejects.toThrow(HookNotFoundError);
    gate.resolve();
    await engine.stop();
    expect(calls).toEqual(["long"]);
  });

  test("a step may start a run, which can resume a hook of the one that started it [07-7.9.handshake] [02-2.0.in-steps]", async () => {
    const world = await run(
      `workflow("parent", async () => {
        const done = createHook({ token: "done" });
        await begin("child");
        return done;
      });
      workflow("child", async () => { try { return "result"; } finally { await tell("child is done"); } });`,
      {
        begin: async (name) => (await start(workflow(String(name)), [])).runId,
        tell: async (what) => void (await resumeHook("done", what)),
      },
    );
    const parent = await start(workflow("parent"), []);
    expect(await parent.returnValue).toBe("child is done");
    expect(await eventTypes(world, parent.runId)).toContain("hook_received");
  });

  test("a run that another one started goes on when that has ended [07-7.9.independent] [07-7.4.children]", async () => {
    const world = await run(
      `workflow("parent", async () => { const id = await begin("child"); await createHook({ token: "end" }); return id; });
       workflow("child", async () => createHook({ token: "child" }));`,
      { begin: async (name) => (await start(workflow(String(name)), [])).runId },
    );
    const runs = [];
    for (const end of ["return", "cancel"]) {
      const parent = await start<unknown>(workflow("parent"));
      await untilEvent(world, parent.runId, "hook_created");
      const child = (await world.runs.list()).data.find(({ workflowName }) => workflowName.endsWith("child"));
      await untilEvent(world, child?.runId ?? "", "hook_created");
      if (end === "return") await resumeHook("end", null);
      else await parent.cancel();
      await parent.returnValue.catch(() => {});
      await resumeHook("child", end);
      runs.push(await world.runs.waitForTerminalStatus(child?.runId ?? ""));
    }
    expect(runs.map(({ status }) => status)).toEqual(["completed", "completed"]);
  });

  test("a workflow starts itself and returns [07-7.9.recursion]", async () => {
    const world = await run(
      `const { start } = __workflow.modules["workflow/api"];
       const again = workflow("main", async (n) => { if (n > 0) await start(again, [n - 1]); return n; });`,
    );
    await start(workflow("main"), [3]);
    const outputs = async (): Promise<unknown[]> => {
      const { data } = await world.runs.list({ pagination: { sortOrder: "asc" } });
      return Promise.all(data.map(({ runId }) => getRun(runId).returnValue));
    };
    await expect.poll(outputs, { timeout: 10_000 }).toEqual([3, 2, 1, 0]);
  });

  test("an end that was told of, or could not be, is not told of by a later worker [07-7.14.handler] [02-2.7.at-most-once]", async () => {
    deploy(realmCode([], `workflow("main", async (name) => name);`));
    const world = await openWorld();
    const first = await startEngine({ world });
    const early = await start<[string], string>(workflow("main"), ["early"]);
    await early.returnValue;
    await first.stop();
    const told: string[] = [];
    onTestFinished(registerLifecycleHooks({ onRunCompleted: ({ run: { runId } }) => void told.push(runId) }));
    await startEngine({ world });
    const late = await start<[string], string>(workflow("main"), ["late"]);
    await late.returnValue;
    await expect.poll(() => told).toEqual([late.runId]);
  });
});
