import { expect, test } from "vitest";
import { getRun, start } from "workflow/api";
import { WorkflowRunFailedError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const FAMILY = realmCode(
  ["work"],
  `const { start } = __workflow.modules["workflow/api"];
   const child = workflow("child", async (n) => { if (n < 0) throw new RangeError("below"); return work(n); });
   const waiting = workflow("waiting", async () => createHook({ token: "wait" }));
   workflow("grandparent", async () => (await start({ workflowId: "workflow//./test//parent" }, [[1]])).returnValue);
   workflow("parent", async (ns) => {
     const runs = await Promise.all(ns.map((n) => start(child, [n])));
     return Promise.all(runs.map((run) => run.returnValue));
   });
   workflow("careful", async (n) => {
     const run = await start(child, [n]);
     try { return await run.returnValue; }
     catch (error) { return [error.name, error.runId === run.runId, error.errorCode, error.cause.name, error.cause.message]; }
   });
   workflow("caller", async () => {
     const run = await start(waiting);
     await run.cancel({ cancelReason: "enough" });
     return run.returnValue.catch((error) => [error.name, error.message.includes("enough")]);
   });
   workflow("patient", async () => {
     const run = await start(waiting);
     const first = await Promise.race([run.returnValue, sleep("1s").then(() => "timeout")]);
     return [first, await run.returnValue];
   });
   workflow("stranger", async (run) => run.returnValue.catch((error) => error.name));
   workflow("keyed", async () => {
     const [one, two] = [await start(child, [1], { idempotencyKey: "k" }), await start(child, [1], { idempotencyKey: "k" })];
     return one.runId === two.runId;
   });
   workflow("wrong", async () => {
     const plain = await start(async () => 1).catch((error) => error.code);
     const unstorable = await start(child, [Symbol("s")]).catch((error) => error.name);
     return [plain, unstorable];
   });`,
);

describeEngine("child runs", ({ openWorld, startEngine }) => {
  test("a parent starts runs and awaits their results, in order [02-2.1.in-body] [07-7.9.start] [07-7.9.return-value]", async () => {
    deploy(FAMILY, { work: async (n) => (n as number) * 10 });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("parent"), [[1, 2, 3]]);
    await expect(run.returnValue).resolves.toEqual([10, 20, 30]);
    const { data } = await world.runs.list({ workflowName: workflow("child").workflowId });
    expect(data).toHaveLength(3);
  });

  test("a child that fails or is cancelled rejects as for callers outside [07-7.9.return-value]", async () => {
    deploy(FAMILY, { work: async (n) => n });
    const world = await openWorld();
    const engine = await startEngine({ world });
    const careful = await start(workflow("careful"), [-1]);
    await expect(careful.returnValue).resolves.toEqual([
      "WorkflowRunFailedError",
      true,
      "USER_ERROR",
      "RangeError",
      "below",
    ]);
    const caller = await start(workflow("caller"), []);
    await expect(caller.returnValue).resolves.toEqual(["WorkflowRunCancelledError", true]);
    expect(engine.failed).toHaveLength(1);
  });

  test("awaiting a run that is over, and one that never was", async () => {
    deploy(FAMILY, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const done = await start(workflow("child"), [7]);
    await done.returnValue;
    const late = await start(workflow("stranger"), [done]);
    await expect(late.returnValue).resolves.toBe(7);
    const nobody = await start(workflow("stranger"), [getRun("wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV")]);
    await expect(nobody.returnValue).resolves.toBe("WorkflowRunNotFoundError");
  });

  test("a parent that waits is cold: nothing of it is in memory, nothing is due, and the child's end wakes it", async () => {
    deploy(FAMILY);
    const world = await openWorld();
    const first = await startEngine({ world, liveRuns: 1 });
    const parent = await start(workflow("patient"), []);
    await untilEvent(world, parent.runId, "wait_completed");
    await expect.poll(() => eventTypes(world, parent.runId)).not.toContain("run_completed");
    await first.stop();
    expect(await world.nextDueAt()).toBeNull();
    const { data } = await world.runs.list({ workflowName: workflow("waiting").workflowId });
    const second = await startEngine({ world });
    await world.deliver(
      { token: "wait" },
      { type: "hook_received", data: {}, payload: 'devl["paid"]', at: world.clock.now() },
    );
    await expect(parent.returnValue).resolves.toEqual(["timeout", "paid"]);
    expect(data).toHaveLength(1);
    expect(second.worker.counts.replays).toBe(2);
    const { data: steps } = await world.steps.list({ runId: parent.runId });
    expect(steps.filter(({ awaits }) => awaits !== undefined).map(({ attempt, status }) => [attempt, status])).toEqual([
      [0, "completed"],
      [0, "completed"],
    ]);
  });

  test("a start that is replayed, or whose step runs again, starts nothing new [02-2.9.9]", async () => {
    deploy(FAMILY, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const keyed = await start(workflow("keyed"), []);
    await expect(keyed.returnValue).resolves.toBe(true);
    const { data } = await world.runs.list({ workflowName: workflow("child").workflowId });
    expect(data).toHaveLength(1);
  });

  test("what cannot be started says why, at the call", async () => {
    deploy(FAMILY);
    const world = await openWorld();
    await startEngine({ world });
    const wrong = await start(workflow("wrong"), []);
    await expect(wrong.returnValue).resolves.toEqual(["INVALID_WORKFLOW_FUNCTION", "SerializationError"]);
    const { data } = await world.runs.list();
    expect(data).toHaveLength(1);
  });

  test("one parent and a thousand children", { timeout: 60_000 }, async () => {
    deploy(FAMILY, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const ns = Array.from({ length: 1_000 }, (_, n) => n);
    const run = await start(workflow("parent"), [ns]);
    await expect(run.returnValue).resolves.toEqual(ns);
  });

  test("the failure of a child that nobody catches fails the parent", async () => {
    deploy(FAMILY);
    const world = await openWorld();
    await startEngine({ world });
    const parent = await start(workflow("parent"), [[-1]]);
    const error: unknown = await parent.returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunFailedError.is(error) && WorkflowRunFailedError.is(error.cause)).toBe(true);
  });

  test("children know their parent and the first of the family [02-2.9.10]", async () => {
    deploy(FAMILY, { work: async (n) => n });
    const world = await openWorld();
    await startEngine({ world });
    const top = await start(workflow("grandparent"), []);
    await top.returnValue;
    const own = async (name: string): Promise<Readonly<Record<string, string>> | undefined> =>
      (await world.runs.list({ workflowName: workflow(name).workflowId })).data[0]?.attributes;
    const parent = (await world.runs.list({ workflowName: workflow("parent").workflowId })).data[0];
    expect(await own("grandparent")).toEqual({});
    expect(await own("parent")).toEqual({ $parentRunId: top.runId, $rootRunId: top.runId });
    expect(await own("child")).toEqual({ $parentRunId: parent?.runId, $rootRunId: top.runId });
  });
});
