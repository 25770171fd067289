import { expect, test } from "vitest";
import { getRun, resumeHook, start } from "workflow/api";
import {
  EntityConflictError,
  WorkflowRunCancelledError,
  WorkflowRunFailedError,
  WorkflowRunNotFoundError,
} from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent, untilProblem } from "../support/scenario.ts";

describeEngine("time and ends", ({ openWorld, startEngine }) => {
  test("sleep takes a duration, milliseconds or a date; the realm's clock follows the history [01-1.5.forms] [01-1.5.past] [01-1.14.clock] [01-1.17.3] [07-7.13.clock]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => {
          const times = [Date.now(), Date.now()];
          await sleep("20ms"); times.push(Date.now());
          await sleep(20); times.push(Date.now());
          await sleep(new Date(Date.now() + 20)); times.push(Date.now());
          await sleep("0s"); await sleep(new Date(0)); times.push(Date.now());
          return times;
        });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<number[]>(workflow("main"));
    const times = await run.returnValue;
    expect(times[0]).toBe(times[1]);
    for (const index of [2, 3, 4]) expect(times[index]! - times[index - 1]!).toBeGreaterThanOrEqual(20);
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      ...Array.from({ length: 5 }, () => ["wait_created", "wait_completed"] as const).flat(),
      "run_completed",
    ]);
  });

  test("a sleep outlives the worker [01-1.5.backing]", async () => {
    deploy(realmCode([], `workflow("main", async () => { await sleep(60); return Math.random(); });`));
    const world = await openWorld();
    const first = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "wait_created");
    await first.stop();
    await startEngine({ world });
    expect(await run.returnValue).toBeTypeOf("number");
  });

  test("wakeUp ends pending sleeps now [02-2.3.wake-up] [01-1.5.completion]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { await Promise.all([sleep("1h"), sleep("2h")]); await sleep("3h"); });`,
      ),
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "wait_created", 2);
    expect(await run.wakeUp()).toEqual({ stoppedCount: 2 });
    await untilEvent(world, run.runId, "wait_created", 3);
    expect(await run.wakeUp({ correlationIds: ["wait_unknown"] })).toEqual({ stoppedCount: 0 });
    expect(await run.wakeUp()).toEqual({ stoppedCount: 1 });
    await run.returnValue;
  });

  test("cancel ends the run where it waits; a second cancel is nothing, one after the end is a conflict [07-7.4.outside] [07-7.4.return-value] [02-2.3.cancel] [02-2.9.4] [03-A.4] [03-3.3.EntityConflictError] [03-3.3.WorkflowRunCancelledError] [07-7.15.terminal]", async () => {
    deploy(
      realmCode(
        ["never"],
        `workflow("waits", async () => { createHook({ token: "c" }); await sleep("1h"); await never(); });
         workflow("ends", async () => 1);`,
      ),
      { never: async () => 1 },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("waits"), []);
    await untilEvent(world, run.runId, "wait_created");
    await run.cancel({ cancelReason: "enough" });
    expect(await run.status).toBe("cancelled");
    const error = await run.returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunCancelledError.is(error)).toBe(true);
    expect(String(error)).toContain("enough");
    await run.cancel();
    await expect(resumeHook("c", 1)).rejects.toThrow("HOOK_NOT_FOUND");
    expect((await eventTypes(world, run.runId)).at(-1)).toBe("run_cancelled");
    const ended = await start(workflow("ends"), []);
    await ended.returnValue;
    const conflict = await ended.cancel().catch((reason: unknown) => reason);
    expect(EntityConflictError.is(conflict)).toBe(true);
  });

  test("cancel during a step: the body finishes, its result is discarded, the next step never starts [07-7.4.in-flight] [07-7.15.cancellation]", async () => {
    const gate = Promise.withResolvers<void>();
    let finished = 0;
    let next = 0;
    deploy(realmCode(["slow", "after"], `workflow("main", async () => { await slow(); await after(); });`), {
      slow: async () => {
        await gate.promise;
        finished += 1;
      },
      after: async () => {
        next += 1;
      },
    });
    const world = await openWorld();
    const engine = await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await run.cancel();
    expect(await run.status).toBe("cancelled");
    gate.resolve();
    await engine.stop();
    expect([finished, next]).toEqual([1, 0]);
    expect((await eventTypes(world, run.runId)).at(-1)).toBe("run_cancelled");
  });

  test("a thrown value of any kind fails the run and comes back as the cause [03-A.3] [07-7.2.sync] [06-6.10.return-value]", async () => {
    deploy(
      realmCode(
        [],
        `workflow("error", async () => { throw Object.assign(new RangeError("out"), { extra: 1 }); });
         workflow("text", async () => { throw "just text"; });
         workflow("nothing", async () => { throw undefined; });
         workflow("unstorable", async () => () => 1);`,
      ),
    );
    const world = await openWorld();
    const { failed } = await startEngine({ world });
    const causeOf = async (name: string): Promise<unknown> => {
      const run = await start(workflow(name), []);
      const error = await run.returnValue.catch((reason: unknown) => reason);
      expect(WorkflowRunFailedError.is(error)).toBe(true);
      expect(await run.status).toBe("failed");
      expect(failed.at(-1)).toBe(run.runId);
      return (error as Error).cause;
    };
    expect(await causeOf("error")).toMatchObject({ name: "RangeError", message: "out", extra: 1 });
    expect(await causeOf("text")).toBe("just text");
    expect(await causeOf("nothing")).toBeUndefined();
    expect(await causeOf("unstorable")).toMatchObject({ name: "SerializationError" });
  });

  test("a rejection that nobody handles belongs to the run and does not end the process", async () => {
    deploy(
      realmCode(
        [],
        `workflow("main", async () => { Promise.reject(new Error("floating")); (async () => { throw new Error("detached"); })(); await sleep(5); return "fine"; });`,
      ),
    );
    const world = await openWorld();
    const engine = await startEngine({ world });
    const seen: unknown[] = [];
    const listener = (reason: unknown, promise: unknown): void => {
      if (engine.worker.owns(promise)) seen.push((reason as Error).message);
    };
    process.on("unhandledRejection", listener);
    expect(await (await start(workflow("main"), [])).returnValue).toBe("fine");
    process.off("unhandledRejection", listener);
    // Code that a worker collects in that moment has the run begun once more.
    expect([...new Set(seen)].sort()).toEqual(["detached", "floating"]);
  });

  test("an endless loop in workflow code is stopped and its run put aside; others go on", async () => {
    deploy(
      realmCode(
        ["noop"],
        `workflow("loop", async () => { await noop(); for (let fuel = 0; ; ) { if (--fuel < 0) fuel = __workflow.refuel(); await null; } });
         workflow("fine", async () => { await createHook({ token: "ok" }); return "fine"; });`,
      ),
      { noop: async () => {} },
    );
    const world = await openWorld();
    const engine = await startEngine({ world, turnTimeoutMs: 100 });
    const fine = await start(workflow("fine"), []);
    await untilEvent(world, fine.runId, "hook_created");
    const loop = await start(workflow("loop"), []);
    const problem = await untilProblem(world, loop.runId);
    expect(problem).toMatchObject({ code: "WORKFLOW_STUCK" });
    expect(problem.message).toContain(loop.runId);
    expect(engine.problems.join()).toContain(loop.runId);
    await resumeHook("ok", 1);
    expect(await fine.returnValue).toBe("fine");
    expect(await loop.status).toBe("running");
  });

  test("a run that does not exist shows on use, not before [02-2.2.lazy] [02-2.3.exists] [02-2.9.2] [03-3.3.WorkflowRunNotFoundError]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const run = getRun("wrun_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect(await run.exists).toBe(false);
    for (const read of [(): unknown => run.status, () => run.returnValue, () => run.cancel(), () => run.wakeUp()]) {
      const error = await Promise.resolve(read()).catch((reason: unknown) => reason);
      expect(WorkflowRunNotFoundError.is(error)).toBe(true);
    }
  });

  test("start refuses what it cannot run or store, and writes nothing [02-2.1.invalid] [02-2.1.not-serializable] [01-1.17.11] [03-3.6.start-invalid]", async () => {
    deploy(realmCode([], `workflow("main", async () => 1);`));
    const world = await openWorld();
    await startEngine({ world });
    await expect(start(async () => 1, [])).rejects.toThrow("INVALID_WORKFLOW_FUNCTION");
    await expect(start(undefined as unknown as () => Promise<void>, [])).rejects.toThrow("INVALID_WORKFLOW_FUNCTION");
    await expect(start(workflow("main"), [() => 1] as unknown as [])).rejects.toThrow("SERIALIZATION_FAILED");
    expect((await world.runs.list()).data).toEqual([]);
  });

  test("a workflow name that the bundle does not have fails the run as a runtime error [03-3.5.RUNTIME_ERROR]", async () => {
    deploy(realmCode([], `workflow("main", async () => 1);`));
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("other"), []);
    await expect(run.returnValue).rejects.toMatchObject({ errorCode: "RUNTIME_ERROR" });
  });
});
