import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { getStepMetadata, getWorkflowMetadata, type StepMetadata } from "workflow";
import { resumeHook, start } from "workflow/api";
import { createTestClock } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

describeEngine("step metadata", ({ openWorld, startEngine }) => {
  test("says which step it is, which attempt, and since when [01-1.11.step] [01-1.11.step-id]", async () => {
    const seen: StepMetadata[] = [];
    deploy(realmCode(["work"], `workflow("main", async () => work());`), {
      work: async () => {
        seen.push(getStepMetadata());
        if (seen.length === 1) throw new Error("again");
      },
    });
    const clock = createTestClock(Date.UTC(2026, 4, 1));
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    const [first, second] = seen;
    expect(first).toMatchObject({
      stepName: "step//./test//work",
      attempt: 1,
      stepStartedAt: new Date(Date.UTC(2026, 4, 1)),
    });
    expect(second).toMatchObject({ stepName: "step//./test//work", attempt: 2, stepId: first?.stepId });
    expect(second!.stepStartedAt.getTime()).toBeGreaterThanOrEqual(Date.UTC(2026, 4, 1) + 100);
    expect(second?.signal).toBeInstanceOf(AbortSignal);
  });

  test("can be returned and printed: the signal is not part of it then", async () => {
    deploy(realmCode(["work"], `workflow("main", async () => Object.keys(await work()));`), {
      work: async () => getStepMetadata(),
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toEqual(["stepName", "stepId", "stepStartedAt", "attempt"]);
  });

  test("a step that another step calls is a plain call, and has the other's metadata [01-1.11] [01-1.2.plain-call]", async () => {
    const inner = Object.assign(
      async (): Promise<readonly string[]> => {
        const { stepId, stepName } = getStepMetadata();
        return [stepId, stepName, getWorkflowMetadata().workflowRunId];
      },
      { timeout: "soon" },
    );
    deploy(realmCode(["outer"], `workflow("main", async () => outer());`), {
      inner,
      outer: async () => [getStepMetadata().stepId, await inner()],
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start<[], [string, string[]]>(workflow("main"), []);
    const [outerId, seen] = await run.returnValue;
    expect(seen).toEqual([outerId, "step//./test//outer", run.runId]);
    expect((await eventTypes(world, run.runId)).filter((type) => type === "step_created")).toHaveLength(1);
  });
});

describeEngine("the signal of a step", ({ openWorld, startEngine }) => {
  /** A step that reports its signal and runs until the test is over. */
  function patient(): { readonly work: () => Promise<void>; readonly signal: Promise<AbortSignal> } {
    const gate = Promise.withResolvers<void>();
    const signal = Promise.withResolvers<AbortSignal>();
    onTestFinished(() => gate.resolve());
    return {
      async work() {
        signal.resolve(getStepMetadata().signal);
        await gate.promise;
      },
      signal: signal.promise,
    };
  }

  test("is aborted when the run is cancelled", async () => {
    const { work, signal } = patient();
    deploy(realmCode(["work"], `workflow("main", async () => work());`), { work });
    const world = await openWorld();
    await startEngine({ world, graceMs: 1 });
    const run = await start(workflow("main"), []);
    const given = await signal;
    expect(given.aborted).toBe(false);
    const aborted = new Promise((resolve) => given.addEventListener("abort", resolve));
    await run.cancel({ cancelReason: "changed my mind" });
    await aborted;
    expect(given.reason).toMatchObject({ name: "WorkflowRunCancelledError", runId: run.runId });
    expect(String(given.reason)).toContain("changed my mind");
    expect((await eventTypes(world, run.runId)).at(-1)).toBe("run_cancelled");
  });

  test("is aborted when the run ends without it", async () => {
    const { work, signal } = patient();
    const go = Promise.withResolvers<string>();
    deploy(realmCode(["work", "other"], `workflow("main", async () => Promise.race([work(), other()]));`), {
      work,
      other: () => go.promise,
    });
    const world = await openWorld();
    await startEngine({ world, graceMs: 1 });
    const run = await start(workflow("main"), []);
    const given = await signal;
    const aborted = new Promise((resolve) => given.addEventListener("abort", resolve));
    go.resolve("won");
    expect(await run.returnValue).toBe("won");
    await aborted;
    expect(given.reason).toMatchObject({ name: "EntityConflictError", code: "ENTITY_CONFLICT" });
    expect(String(given.reason)).toContain(`${run.runId} is completed`);
  });

  test("is aborted when its worker stops and does not want to wait any longer, and the step runs again", async () => {
    let given: AbortSignal | undefined;
    const attempts: number[] = [];
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => work()); workflow("side", async () => createHook({ token: "side" }));`,
      ),
      {
        async work() {
          const { attempt, signal } = getStepMetadata();
          attempts.push(attempt);
          if (attempt === 2) return "done";
          given = signal;
          return new Promise((_resolve, reject) => {
            // As Node's own functions do it.
            signal.addEventListener("abort", () =>
              reject(new DOMException("The operation was aborted", { name: "AbortError", cause: signal.reason })),
            );
          });
        },
      },
    );
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const before = await startEngine({ world });
    const side = await start(workflow("side"), []);
    await untilEvent(world, side.runId, "hook_created");
    await before.stop();
    // The worker is kept from its end by a run that it is about to open.
    const reading = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const slow: World = Object.create(world, {
      read: {
        async value(...args: Parameters<World["read"]>) {
          if (args[0] !== side.runId) return world.read(...args);
          reading.resolve();
          await gate.promise;
          return world.read(...args);
        },
      },
    });
    const first = await startEngine({ world: slow, graceMs: 3_000 });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await resumeHook("side", null);
    await reading.promise;
    const stopping = clock.now();
    const aborted = Promise.withResolvers<number>();
    given?.addEventListener("abort", () => aborted.resolve(clock.now() - stopping));
    const stopped = first.stop();
    expect(await aborted.promise).toBe(3_000);
    await setImmediate();
    gate.resolve();
    await stopped;
    expect(given?.reason).toMatchObject({ name: "WorkflowError", code: "WORKER_STOPPED" });
    await startEngine({ world });
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("done");
    expect(attempts).toEqual([1, 2]);
    expect(await eventTypes(world, run.runId)).not.toContain("step_failed");
  });

  test("stays as it is when the body has ended in time", async () => {
    let given: AbortSignal | undefined;
    const work = async (): Promise<void> => {
      given = getStepMetadata().signal;
    };
    deploy(realmCode(["work"], `workflow("main", async () => work());`), {
      work: Object.assign(work, { timeout: "1s" }),
    });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    await clock.advanceSettled(5_000);
    expect(given?.aborted).toBe(false);
  });
});
