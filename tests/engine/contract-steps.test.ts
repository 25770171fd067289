// What the contract says about steps (01 section 1.2, 07 section 7.1), where no other file has it.
import { expect, test } from "vitest";
import { FatalError, getStepMetadata, getWorkflowMetadata, RetryableError } from "workflow";
import { start } from "workflow/api";
import { createTestClock, type TestClock, withFaults } from "@workflow/world/testkit";
import type { StoredEvent, World } from "workflow/world";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";

describeEngine("contract: steps", ({ openWorld, startEngine }) => {
  /** What a run of `body` comes to, on a clock of its own, and its history. */
  async function runOf(
    body: string,
    steps: Record<string, StepFunction>,
    clock = createTestClock(Date.now()),
  ): Promise<{ readonly result: unknown; readonly history: readonly StoredEvent[] }> {
    deploy(realmCode(Object.keys(steps), `workflow("main", async () => {${body}});`), steps);
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) !== "pending" && (await run.status) !== "running");
    return { result: await run.returnValue, history: (await world.read(run.runId, 0)).history };
  }

  async function resultOf(body: string, steps: Record<string, StepFunction>, clock?: TestClock): Promise<unknown> {
    return (await runOf(body, steps, clock)).result;
  }

  /** How often a step is called whose every attempt throws what `make` makes. */
  async function attemptsOf(make: () => unknown, options: { maxRetries?: number } = {}): Promise<number> {
    let calls = 0;
    const failing = async (): Promise<void> => {
      calls += 1;
      throw make();
    };
    await resultOf(`await failing().catch(() => {});`, { failing: Object.assign(failing, options) });
    return calls;
  }

  test("a step that keeps failing has four attempts within seconds; the workflow undoes what it did, in reverse [07-7.1.default] [07-7.1.soon] [07-7.18.4]", async () => {
    const done: string[] = [];
    let calls = 0;
    const note = async (what: unknown): Promise<void> => void done.push(String(what));
    const { result, history } = await runOf(
      `const undo = [];
       try {
         await book("flight"); undo.unshift("flight");
         await book("hotel"); undo.unshift("hotel");
         await pay();
       } catch (error) {
         for (const what of undo) await cancel(what);
         return error.message;
       }`,
      {
        book: note,
        cancel: (what) => note(`not ${String(what)}`),
        pay: async () => {
          calls += 1;
          throw new Error(`declined ${calls}`);
        },
      },
    );
    expect(result).toBe("declined 4");
    expect(done).toEqual(["flight", "hotel", "not hotel", "not flight"]);
    const waits = history.flatMap((event) =>
      event.type === "step_retrying" ? [event.data.retryAfter - event.at] : [],
    );
    expect(waits).toHaveLength(3);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(1_000);
  });

  test.each([["text"], [undefined], [null], [404], [{ code: 1 }]])(
    "a thrown %j is a reason to try again [07-7.1.any-value]",
    async (thrown) => {
      expect(await attemptsOf(() => thrown, { maxRetries: 1 })).toBe(2);
    },
  );

  test("RetryableError is tried again when it says, after a second by default, and counts as an attempt [07-7.1.retryable] [01-1.12.retry-after]", async () => {
    const clock = createTestClock(Date.now());
    const errors: RetryableError[] = [];
    const times: number[] = [];
    const busy = async (): Promise<void> => {
      const before = Date.now();
      const error = new RetryableError("busy");
      expect(error.retryAfter.getTime()).toBeGreaterThanOrEqual(before + 1_000);
      expect(error.retryAfter.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
      times.push(clock.now());
      errors.push(error);
      throw error;
    };
    await resultOf(`await busy().catch(() => {});`, { busy: Object.assign(busy, { maxRetries: 1 }) }, clock);
    expect(times).toHaveLength(2);
    expect(times[1]).toBeGreaterThanOrEqual(errors[0]?.retryAfter.getTime() ?? Infinity);
  });

  test("maxRetries 0 is one attempt [07-7.1.zero] [01-1.2.max-retries]", async () => {
    expect(await attemptsOf(() => new Error("no"), { maxRetries: 0 })).toBe(1);
  });

  test.each([
    ["a FatalError", (): unknown => new FatalError("no")],
    ["an error of one's own with fatal: true", (): unknown => Object.assign(new Error("no"), { fatal: true })],
    ["an AbortError", (): unknown => new DOMException("stopped", "AbortError")],
  ])("%s is not tried again [07-7.1.fatal] [07-7.1.abort-error]", async (_what, make) => {
    expect(await attemptsOf(make)).toBe(1);
  });

  test("maxRetries is read from the function when the step runs [07-7.1.read-late]", async () => {
    let calls = 0;
    const late: StepFunction = async () => {
      calls += 1;
      Object.assign(late, { maxRetries: 1 });
      throw new Error("no");
    };
    await resultOf(`await late().catch(() => {});`, { late });
    expect(calls).toBe(2);
  });

  test("a FatalError that the body catches is one; its step was called once, the run completes [03-A.1] [01-1.12.fatal-is]", async () => {
    let calls = 0;
    const result = await resultOf(
      `try { await refuse(); } catch (error) { return [FatalError.is(error), error instanceof FatalError, error.message]; }`,
      {
        refuse: async () => {
          calls += 1;
          throw new FatalError("x");
        },
      },
    );
    expect([result, calls]).toEqual([[true, true, "x"], 1]);
  });

  test("a World that cannot record a result costs no attempt [07-7.1.world-failure] [03-3.5.transient]", async () => {
    const attempts: number[] = [];
    let refusals = 0;
    deploy(realmCode(["work"], `workflow("main", async () => work());`), {
      work: async () => {
        attempts.push(getStepMetadata().attempt);
        refusals = 3;
        return "done";
      },
    });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const failing = withFaults(world, ({ write, phase }) => {
      if (write !== "commit" || phase !== "before" || refusals === 0) return;
      refusals -= 1;
      throw Object.assign(new Error("the disk is full"), { code: "WORLD_FAILED" });
    });
    await startEngine({ world: failing });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect([await run.returnValue, attempts, refusals]).toEqual(["done", [1], 0]);
    expect(await eventTypes(world, run.runId)).not.toContain("step_retrying");
  });

  test("a step begins when the result of the one before is durable [07-7.5.sequential] [07-7.15.step-result]", async () => {
    const seen: unknown[] = [];
    const look = async (world: World): Promise<void> => {
      const { data } = await world.steps.list({ runId: getWorkflowMetadata().workflowRunId });
      seen.push(data.find(({ stepName }) => stepName.endsWith("//first"))?.status);
    };
    const world = await openWorld();
    deploy(realmCode(["first", "second"], `workflow("main", async () => { await first(); await second(); });`), {
      first: async () => {},
      second: () => look(world),
    });
    await startEngine({ world });
    await (
      await start(workflow("main"), [])
    ).returnValue;
    expect(seen).toEqual(["completed"]);
  });

  test("a step that nobody awaits runs; its failure is nobody's [07-7.5.not-awaited] [07-7.16.rejections]", async () => {
    const called = Promise.withResolvers<void>();
    const result = await resultOf(`void careless(); await patient(); await sleep("1s"); return "fine";`, {
      careless: Object.assign(
        async () => {
          called.resolve();
          throw new Error("nobody looks");
        },
        { maxRetries: 0 },
      ),
      patient: () => called.promise,
    });
    expect(result).toBe("fine");
  });

  test("a step that loses a race and then fails does not fail the run [07-7.16.rejections] [07-7.16.late-loser]", async () => {
    const lost = Promise.withResolvers<void>();
    const loser = Object.assign(
      async () => {
        await lost.promise;
        throw new Error("too late");
      },
      { maxRetries: 0 },
    );
    const result = await resultOf(
      `const won = await Promise.race([loser(), winner()]); await release(); await sleep("1s"); return won;`,
      {
        loser,
        winner: async () => "won",
        release: async () => lost.resolve(),
      },
    );
    expect(result).toBe("won");
  });

  test.each([
    ["returns", "return 1;", "run_completed"],
    ["throws", `throw new Error("end");`, "run_failed"],
  ])(
    "what a body that %s has begun and not awaited is recorded before its end [07-7.8.steps] [07-7.8.throws] [01-1.5.not-awaited]",
    async (_how, ending, last) => {
      deploy(realmCode(["work"], `workflow("main", async () => { void work(); void sleep("1d"); ${ending} });`), {
        work: async () => {},
      });
      const world = await openWorld();
      await startEngine({ world });
      const run = await start(workflow("main"), []);
      await run.returnValue.catch(() => {});
      const types = await eventTypes(world, run.runId);
      expect(types.at(-1)).toBe(last);
      expect(types.slice(2, -1)).toEqual(expect.arrayContaining(["step_created", "wait_created"]));
    },
  );

  test("what a step and a run say of themselves [01-1.11.step] [01-1.11.fields]", async () => {
    const inStep: unknown[] = [];
    const result = await resultOf(`await look(); return getWorkflowMetadata();`, {
      look: async () => void inStep.push(getStepMetadata(), getWorkflowMetadata()),
    });
    expect(inStep[0]).toEqual({
      stepName: "step//./test//look",
      stepId: expect.stringMatching(/^step_/),
      stepStartedAt: expect.any(Date),
      attempt: 1,
    });
    expect(inStep[1]).toEqual(result);
    expect(result).toMatchObject({
      workflowName: "workflow//./test//main",
      workflowRunId: expect.stringMatching(/^wrun_/),
      workflowStartedAt: expect.any(Date),
      url: expect.stringMatching(/^http/),
      features: { encryption: false },
    });
  });
});
