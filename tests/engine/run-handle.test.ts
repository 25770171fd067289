// What `start`, `getRun` and the handle of a run promise (contract 02 sections 2.1 to 2.3), and run metadata (01 section 1.11).
import { expect, test } from "vitest";
import { getStepMetadata, getWorkflowMetadata } from "workflow";
import { getRun, resumeHook, Run, start } from "workflow/api";
import { WorkflowRunCancelledError, WorkflowRunFailedError } from "workflow/errors";
import { setWorld } from "workflow/runtime";
import type { World } from "workflow/world";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";

const UNKNOWN = "wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV";

/** A World, and how often its runs were read. */
function counting(world: World): { readonly world: World; reads: number } {
  const counted = {
    reads: 0,
    world: Object.assign(Object.create(world) as World, {
      runs: {
        ...world.runs,
        get: (...args: Parameters<World["runs"]["get"]>) => {
          counted.reads += 1;
          return world.runs.get(...args);
        },
      },
    }),
  };
  return counted;
}

describeEngine("the handle of a run", ({ openWorld, startEngine }) => {
  test("start resolves while nobody works; the run is pending until somebody does [02-2.9.1] [02-2.1]", async () => {
    deploy(realmCode([], `workflow("main", async (n) => n * 2);`));
    const world = await openWorld();
    const run = await start<[number], number>(workflow("main"), [21], { world });
    expect(run.runId).toMatch(/^wrun_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await run.status).toBe("pending");
    expect([await run.startedAt, await run.completedAt]).toEqual([undefined, undefined]);
    await startEngine({ world });
    expect(await run.returnValue).toBe(42);
    expect(await run.status).toBe("completed");
  });

  test("getRun reads nothing and never throws; each getter reads when it is asked, afresh [02-2.2] [02-2.3] [02-2.9.2]", async () => {
    const counted = counting(await openWorld());
    setWorld(counted.world);
    for (const odd of [UNKNOWN, "", "nonsense"]) expect(getRun(odd)).toBeInstanceOf(Run);
    const run = getRun(UNKNOWN);
    expect([run.runId, counted.reads]).toEqual([UNKNOWN, 0]);
    const [first, second] = [run.exists, run.exists];
    expect(first).toBeInstanceOf(Promise);
    expect(first).not.toBe(second);
    expect(await Promise.all([first, second])).toEqual([false, false]);
    expect(counted.reads).toBe(2);
    for (const get of ["status", "workflowName", "createdAt", "startedAt", "completedAt", "returnValue"] as const) {
      await expect(run[get]).rejects.toMatchObject({ name: "WorkflowRunNotFoundError", runId: UNKNOWN });
    }
  });

  test("a handle says what the run is, from pending to its end [02-2.3]", async () => {
    deploy(realmCode([], `workflow("main", async () => createHook({ token: "t" }));`));
    const world = await openWorld();
    await startEngine({ world });
    const { runId } = await start(workflow("main"));
    await untilEvent(world, runId, "hook_created");
    const run = getRun<string>(runId);
    const stored = await world.runs.get(runId);
    expect([await run.status, await run.exists, await run.workflowName]).toEqual([
      "running",
      true,
      workflow("main").workflowId,
    ]);
    expect([await run.createdAt, await run.startedAt]).toEqual([stored.createdAt, stored.startedAt]);
    expect(stored.startedAt).toBeInstanceOf(Date);
    expect(await run.completedAt).toBeUndefined();
    await resumeHook("t", "result");
    expect(await Promise.all([run.returnValue, run.returnValue])).toEqual(["result", "result"]);
    expect(await run.completedAt).toEqual((await world.runs.get(runId)).completedAt);
  });

  test("the result of a failed run is an error that has what it threw [02-2.9.3] [02-2.3] [03-3.3]", async () => {
    deploy(realmCode([], `workflow("main", async () => { throw new TypeError("no such customer"); });`));
    await startEngine({ world: await openWorld() });
    const run = await start(workflow("main"));
    const error = await run.returnValue.catch((thrown: unknown) => thrown);
    expect(WorkflowRunFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({ runId: run.runId, errorCode: "USER_ERROR", cause: { message: "no such customer" } });
    expect(await run.status).toBe("failed");
  });

  test("a run is cancelled before anybody began it, and again without effect [02-2.9.4] [02-2.3] [07-7.4]", async () => {
    let begun = 0;
    deploy(realmCode(["step"], `workflow("main", async () => step());`), { step: async () => (begun += 1) });
    const world = await openWorld();
    setWorld(world);
    const run = await start(workflow("main"), [], { world });
    const first = run.cancel({ cancelReason: "not needed" });
    const second = run.cancel({ cancelReason: "twice" });
    await startEngine({ world });
    await Promise.all([first, second]);
    await run.cancel({ cancelReason: "too late" });
    const error = await run.returnValue.catch((thrown: unknown) => thrown);
    expect(WorkflowRunCancelledError.is(error)).toBe(true);
    expect(error).toMatchObject({ runId: run.runId, message: expect.stringContaining("not needed") });
    expect(await world.runs.get(run.runId)).toMatchObject({ status: "cancelled", cancelReason: "not needed" });
    expect(begun).toBe(0);
  });

  test("a reason has at most 512 characters and is a text; a longer one cancels nothing [02-2.3]", async () => {
    deploy(realmCode([], `workflow("main", async () => sleep("1h"));`));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    for (const cancelReason of ["x".repeat(513), 1 as never, null as never]) {
      await expect(run.cancel({ cancelReason })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    expect(await run.status).not.toBe("cancelled");
    await run.cancel({ cancelReason: "x".repeat(512) });
    expect((await world.runs.get(run.runId)).cancelReason).toHaveLength(512);
  });

  test("wakeUp ends all sleeps, those it is told, or none [02-2.9.5] [02-2.3]", async () => {
    deploy(
      realmCode([], `workflow("main", async () => { await Promise.all([sleep("1h"), sleep("2h"), sleep("3h")]); });`),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await untilEvent(world, run.runId, "wait_created", 3);
    const { data } = await world.events.list({ runId: run.runId });
    const [one = ""] = data.flatMap(({ eventType, correlationId = "" }) =>
      eventType === "wait_created" ? [correlationId] : [],
    );
    expect(await run.wakeUp({ correlationIds: [] })).toEqual({ stoppedCount: 0 });
    expect(await run.wakeUp({ correlationIds: [one, "wait_unknown"], namespace: "q" })).toEqual({ stoppedCount: 1 });
    await untilEvent(world, run.runId, "wait_completed");
    expect(await run.wakeUp()).toEqual({ stoppedCount: 2 });
    await run.returnValue;
    expect(await run.wakeUp()).toEqual({ stoppedCount: 0 });
  });

  test("metadata is the same in the body, in steps, and after a replay [01-1.11]", async () => {
    const seen: unknown[] = [];
    deploy(
      realmCode(
        ["note"],
        `workflow("main", async () => {
          const before = getWorkflowMetadata();
          await note(before);
          await createHook({ token: "t" });
          await note(getWorkflowMetadata());
        });`,
      ),
      { note: async (metadata) => void seen.push(metadata, getWorkflowMetadata()) },
    );
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"));
    await untilEvent(world, run.runId, "hook_created");
    await first.stop();
    await startEngine({ world });
    await resumeHook("t", null);
    await run.returnValue;
    const { startedAt } = await world.runs.get(run.runId);
    const metadata = {
      workflowName: workflow("main").workflowId,
      workflowRunId: run.runId,
      workflowStartedAt: startedAt,
      url: "http://localhost:3000",
      features: { encryption: false },
    };
    expect(seen).toEqual([metadata, metadata, metadata, metadata]);
  });

  test("a step knows its id, which all attempts share, and its attempt [01-1.11]", async () => {
    const seen: ReturnType<typeof getStepMetadata>[] = [];
    deploy(realmCode(["flaky"], `workflow("main", async () => flaky());`), {
      flaky: async () => {
        seen.push(getStepMetadata());
        if (seen.length < 2)
          throw Object.assign(new Error("again"), { name: "RetryableError", retryAfter: new Date() });
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await run.returnValue;
    const [step] = (await world.steps.list({ runId: run.runId })).data;
    expect(seen.map(({ attempt, stepId, stepName }) => [attempt, stepId, stepName])).toEqual([
      [1, step?.stepId, step?.stepName],
      [2, step?.stepId, step?.stepName],
    ]);
    for (const { stepStartedAt } of seen) expect(stepStartedAt).toBeInstanceOf(Date);
  });
});

test("outside of runs there is no metadata [01-1.11] [01-1.17.12]", () => {
  expect(() => getWorkflowMetadata()).toThrow(/getWorkflowMetadata\(\) works only in/);
  expect(() => getStepMetadata()).toThrow(/getStepMetadata\(\) works only in/);
});
