import { expect, test } from "vitest";
import { FatalError, RetryableError, getStepMetadata, getWorkflowMetadata } from "workflow";
import { start } from "workflow/api";
import { WorkflowRunFailedError } from "workflow/errors";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";

describeEngine("steps", ({ openWorld, startEngine }) => {
  test("one step: result and history", async () => {
    deploy(realmCode(["double"], `workflow("main", async (n) => (await double(n)) + 1);`), {
      double: async (n) => (n as number) * 2,
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[number], number>(workflow("main"), [20]);
    expect(await run.returnValue).toBe(41);
    expect(await run.status).toBe("completed");
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      "step_created",
      "step_started",
      "step_completed",
      "run_completed",
    ]);
  });

  test("results of parallel steps keep their order, and the steps overlap [07-7.5.parallel] [07-7.18.3]", async () => {
    let running = 0;
    let most = 0;
    deploy(
      realmCode(["work"], `workflow("main", async (n) => Promise.all(Array.from({ length: n }, (_, i) => work(i))));`),
      {
        work: async (i) => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          return i;
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[number], number[]>(workflow("main"), [50]);
    expect(await run.returnValue).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(most).toBe(50);
  });

  test("no more bodies run at once than the worker's concurrency", async () => {
    let running = 0;
    let most = 0;
    deploy(realmCode(["work"], `workflow("main", async () => Promise.all([1,2,3,4,5,6,7,8].map((i) => work(i))));`), {
      work: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 3));
        running -= 1;
      },
    });
    const world = await openWorld();
    await startEngine({ world, concurrency: 3, sweepMs: 60_000 });
    const runs = [await start(workflow("main"), []), await start(workflow("main"), [])];
    await Promise.all(runs.map((run) => run.returnValue));
    expect(most).toBe(3);
  });

  test("a race goes to the step that ends first; the loser's result is recorded and ignored [07-7.5.losers] [07-7.16.late-loser]", async () => {
    const gate = Promise.withResolvers<void>();
    deploy(
      realmCode(
        ["fast", "slow"],
        `workflow("main", async () => { const p = slow(); const won = await Promise.race([p, fast()]); return [won, await p]; });`,
      ),
      {
        fast: async () => "fast",
        slow: async () => {
          await gate.promise;
          return "slow";
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    setTimeout(() => gate.resolve(), 20);
    expect(await run.returnValue).toEqual(["fast", "slow"]);
  });

  test("an error is retried up to maxRetries, then thrown at the call [07-7.1.retries] [07-7.1.exhausted] [07-7.1.last-error] [07-7.1.attempt] [07-7.1.once-per-attempt] [01-1.2.max-retries] [03-3.2.revived]", async () => {
    const attempts: number[] = [];
    const flaky = Object.assign(
      async () => {
        attempts.push(getStepMetadata().attempt);
        throw new TypeError(`no ${attempts.length}`, { cause: new Error("root") });
      },
      { maxRetries: 2 },
    );
    deploy(
      realmCode(
        ["flaky"],
        `workflow("main", async () => { try { await flaky(); } catch (e) { return [e instanceof TypeError, e.message, e.cause.message]; } });`,
      ),
      { flaky },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual([true, "no 3", "root"]);
    expect(attempts).toEqual([1, 2, 3]);
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      "step_created",
      "step_started",
      "step_retrying",
      "step_started",
      "step_retrying",
      "step_started",
      "step_failed",
      "run_completed",
    ]);
  });

  test("a FatalError is not retried; uncaught it fails the run with the thrown value as cause [07-7.1.fatal] [07-7.2.user-error] [02-2.9.3] [03-3.5.USER_ERROR] [03-3.5.location] [03-3.3.WorkflowRunFailedError]", async () => {
    let calls = 0;
    deploy(realmCode(["fatal"], `workflow("main", async () => { await fatal(); });`), {
      fatal: async () => {
        calls += 1;
        throw new FatalError("no way");
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const error = await run.returnValue.catch((reason: unknown) => reason);
    expect(WorkflowRunFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({
      runId: run.runId,
      errorCode: "USER_ERROR",
      cause: { message: "no way", fatal: true },
    });
    expect(calls).toBe(1);
  });

  test.each([
    ["a number of milliseconds", (): RetryableError => new RetryableError("later", { retryAfter: 30 })],
    ["a duration", (): RetryableError => new RetryableError("later", { retryAfter: "30ms" })],
    ["a date", (): RetryableError => new RetryableError("later", { retryAfter: new Date(Date.now() + 30) })],
  ])("a RetryableError comes back after %s [07-7.1.retryable]", async (_form, make) => {
    const times: number[] = [];
    deploy(realmCode(["later"], `workflow("main", async () => later());`), {
      later: async () => {
        times.push(Date.now());
        if (times.length === 1) throw make();
        return "ok";
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"), [])).returnValue).toBe("ok");
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(29);
  });

  test("what a step cannot return fails it once, and the workflow can catch it [07-7.1.serialization] [07-7.18.10] [06-6.10.step-result] [06-6.10.name]", async () => {
    let calls = 0;
    deploy(
      realmCode(
        ["bad"],
        `workflow("main", async () => { try { await bad(); } catch (e) { return [e.name, e.message]; } });`,
      ),
      {
        bad: async () => {
          calls += 1;
          return { user: { onClick: () => 1 } };
        },
      },
    );
    const world = await openWorld();
    await startEngine({ world });
    const [name, message] = (await (await start(workflow("main"), [])).returnValue) as [string, string];
    expect(name).toBe("SerializationError");
    expect(message).toContain("user.onClick");
    expect(calls).toBe(1);
  });

  test("what cannot be passed to a step rejects at the call and reaches no history [06-6.10.step-arguments] [06-6.10.name] [06-A.3]", async () => {
    deploy(
      realmCode(
        ["never"],
        `workflow("main", async () => { try { await never({ f: () => 1 }); } catch (e) { return e.name; } });`,
      ),
      { never: async () => "called" },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toBe("SerializationError");
    expect(await eventTypes(world, run.runId)).toEqual(["run_created", "run_started", "run_completed"]);
  });

  test("metadata of a step: its id is the same for every attempt and differs from call to call [07-7.10.step-id] [07-7.1.attempt] [01-1.11.step-id] [01-1.11.step] [01-1.11.workflow] [01-1.17.12] [03-3.4.step-only] [03-3.4.either]", async () => {
    const seen: string[] = [];
    deploy(realmCode(["note"], `workflow("main", async () => { await note(); await note(); });`), {
      note: async () => {
        const { stepId, attempt } = getStepMetadata();
        const { workflowRunId } = getWorkflowMetadata();
        seen.push(stepId, workflowRunId);
        if (seen.length === 2) throw new RetryableError("again", { retryAfter: 1 });
        expect(attempt).toBe(seen.length === 4 ? 2 : 1);
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    const [first, runId, again, , second] = seen;
    expect(again).toBe(first);
    expect(second).not.toBe(first);
    expect(runId).toBe(run.runId);
    expect(first).toMatch(/^step_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(() => getStepMetadata()).toThrow("CONTEXT_VIOLATION");
    expect(() => getWorkflowMetadata()).toThrow("CONTEXT_VIOLATION");
  });

  test("a thousand steps in a row are one live run: no replay", async () => {
    deploy(
      realmCode(
        ["next"],
        `workflow("main", async (n) => { let x = 0; for (let i = 0; i < n; i++) x = await next(x); return x; });`,
      ),
      { next: async (x) => (x as number) + 1 },
    );
    const world = await openWorld();
    const { worker } = await startEngine({ world });
    expect(await (await start<[number], number>(workflow("main"), [1000])).returnValue).toBe(1000);
    expect(worker.counts.replays).toBe(0);
    expect(worker.counts.stepsExecuted).toBe(1000);
    expect(worker.counts.turns).toBe(1001);
  });
});
