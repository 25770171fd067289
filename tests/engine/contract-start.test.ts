// What the contract says about starting runs and about handles of them (02 sections 2.1 to 2.3).
import { expect, test, vi } from "vitest";
import { getRun, resumeHook, start } from "workflow/api";
import { WorkflowError, WorkflowNotRegisteredError, WorkflowRuntimeError } from "workflow/errors";
import { setWorld } from "workflow/runtime";
import { createMemoryWorld } from "@workflow/world/testkit";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

describeEngine("contract: start and handles", ({ openWorld, startEngine }) => {
  test("start resolves while nobody works on runs; the run is pending, and runs when somebody does [02-2.9.1] [02-2.1.accepted] [02-2.1.id] [02-2.3.run-id]", async () => {
    deploy(realmCode([], `workflow("main", async (n) => n + 1);`));
    const world = await openWorld();
    setWorld(world);
    const runs = [
      await start<[number], number>(workflow("main"), [1]),
      await start<[number], number>(workflow("main"), [1]),
    ];
    for (const run of runs) {
      expect(run.runId).toMatch(/^wrun_[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(await run.status).toBe("pending");
    }
    expect(runs[0]?.runId).not.toBe(runs[1]?.runId);
    await startEngine({ world });
    expect(await Promise.all(runs.map((run) => run.returnValue))).toEqual([2, 2]);
  });

  test("the second argument is a list of arguments or the options, and a World may be named [02-2.1.arguments] [02-2.1.world]", async () => {
    deploy(realmCode([], `workflow("main", async (...args) => args.length);`));
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"))).returnValue).toBe(0);
    expect(await (await start(workflow("main"), ["a", "b"])).returnValue).toBe(2);
    const other = createMemoryWorld();
    for (const run of [
      await start(workflow("main"), { world: other }),
      await start(workflow("main"), ["a"], { world: other }),
    ]) {
      expect(await other.runs.get(run.runId)).toMatchObject({ status: "pending" });
      expect(await run.status).toBe("pending");
      expect(await getRun(run.runId).exists).toBe(false);
    }
    await other.close();
  });

  test("arguments are copied at the call [02-2.1.by-value] [06-6.2.copies]", async () => {
    deploy(realmCode([], `workflow("main", async (order) => order);`));
    const world = await openWorld();
    await startEngine({ world });
    const order = { items: ["tea"] };
    const starting = start<[typeof order], typeof order>(workflow("main"), [order]);
    order.items.push("cake");
    expect(await (await starting).returnValue).toEqual({ items: ["tea"] });
  });

  test("what is no workflow is a WorkflowRuntimeError; one that the code does not have is named [03-3.3.WorkflowRuntimeError] [03-3.3.WorkflowNotRegisteredError] [03-3.6.not-registered]", async () => {
    deploy(realmCode([], `workflow("main", async () => 1);`));
    const world = await openWorld();
    await startEngine({ world });
    const refused: unknown = await start(async () => 1, []).catch((reason: unknown) => reason);
    expect(WorkflowRuntimeError.is(refused)).toBe(true);
    expect(String(refused)).toMatch(/invalid workflow function.*"use workflow"/);
    const error = (await (await start(workflow("gone"))).returnValue.catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ errorCode: "RUNTIME_ERROR", cause: { workflowName: workflow("gone").workflowId } });
    expect(WorkflowNotRegisteredError.is(error.cause)).toBe(true);
  });

  test("a handle reads nothing until it is used, then afresh at each access [02-2.3.getters] [02-2.3.status] [02-2.3.facts] [02-2.3.return-value] [02-2.2.lazy]", async () => {
    deploy(realmCode([], `workflow("main", async () => ({ got: await createHook({ token: "t" }) }));`));
    const world = await openWorld();
    setWorld(world);
    const before = new Date();
    const { runId } = await start(workflow("main"));
    const reads = vi.spyOn(world.runs, "get");
    const run = getRun(runId);
    expect(reads).not.toHaveBeenCalled();
    const { status } = run;
    expect(run.status).not.toBe(status);
    expect([await status, await run.startedAt, await run.completedAt]).toEqual(["pending", undefined, undefined]);
    expect(await run.workflowName).toBe(workflow("main").workflowId);
    expect((await run.createdAt).getTime()).toBeGreaterThanOrEqual(before.getTime());
    await startEngine({ world });
    await untilEvent(world, runId, "hook_created");
    expect([await status, await run.status]).toEqual(["pending", "running"]);
    expect(await run.startedAt).toBeInstanceOf(Date);
    const waiting = run.returnValue;
    expect(run.returnValue).not.toBe(waiting);
    await resumeHook("t", new Date(7));
    expect(await waiting).toEqual({ got: new Date(7) });
    expect([await run.status, await run.exists]).toEqual(["completed", true]);
    expect(await run.completedAt).toBeInstanceOf(Date);
  });

  test("a cancelReason of 512 characters is kept, a longer one refused, and the run goes on [02-2.3.cancel-reason]", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t" }));`));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await untilEvent(world, run.runId, "hook_created");
    const refused: unknown = await run.cancel({ cancelReason: "x".repeat(513) }).catch((reason: unknown) => reason);
    expect(refused).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(WorkflowError.is(refused)).toBe(true);
    expect(await run.status).toBe("running");
    await run.cancel({ cancelReason: "x".repeat(512) });
    expect(await world.runs.get(run.runId)).toMatchObject({ status: "cancelled", cancelReason: "x".repeat(512) });
  });

  test("wakeUp ends two sleeps, one by its id, or none, and says how many, also while nobody works on the run [02-2.9.5] [02-2.3.wake-up]", async () => {
    const body = `workflow("main", async () => Promise.all([1, 2, 3].map((days) => sleep(days + "d").then(() => days))));`;
    deploy(realmCode([], body));
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"));
    await untilEvent(world, run.runId, "wait_created", 3);
    await engine.stop();
    const { data } = await world.events.list({ runId: run.runId, pagination: { sortOrder: "asc" } });
    const [first = ""] = data.flatMap(({ eventType, correlationId = "" }) =>
      eventType === "wait_created" ? [correlationId] : [],
    );
    expect(await run.wakeUp({ correlationIds: [first] })).toEqual({ stoppedCount: 1 });
    expect(await run.wakeUp()).toEqual({ stoppedCount: 2 });
    expect(await run.wakeUp()).toEqual({ stoppedCount: 0 });
    await startEngine({ world });
    expect(await run.returnValue).toEqual([1, 2, 3]);
    expect(await run.wakeUp()).toEqual({ stoppedCount: 0 });
  });

  test("a run can be the result of a step, and of a run [02-2.3.serde] [06-6.3.run]", async () => {
    deploy(
      realmCode(
        ["begin"],
        `workflow("main", async () => { const run = await begin(); return [run, run.runId, await run.returnValue]; });
         workflow("child", async () => "of the child");`,
      ),
      { begin: () => start(workflow("child")) },
    );
    await startEngine({ world: await openWorld() });
    const result = (await (await start(workflow("main"))).returnValue) as [ReturnType<typeof getRun>, string, string];
    expect(result[2]).toBe("of the child");
    expect(result[0].runId).toBe(result[1]);
    expect(await result[0].returnValue).toBe("of the child");
  });

  test("host functions throw in a body, by name [02-2.0.sandbox] [01-1.14.no-host-functions] [03-3.4.host-only]", async () => {
    const names = ["getHookByToken", "getRun", "registerLifecycleHooks", "resumeHook", "resumeWebhook"];
    deploy(
      realmCode(
        [],
        `const api = __workflow.modules["workflow/api"];
         workflow("main", async () => ${JSON.stringify(names)}.map((name) => {
           try { api[name]("x", {}); return "nothing"; } catch (error) { return [error.name, error.message, error.fatal]; }
         }));`,
      ),
    );
    await startEngine({ world: await openWorld() });
    expect(await (await start(workflow("main"))).returnValue).toEqual(
      names.map((name) => [
        "UnavailableInWorkflowContextError",
        expect.stringMatching(new RegExp(`^${name}\\(\\) .*workflow//./test//main`)),
        true,
      ]),
    );
  });
});
