import { expect, test } from "vitest";
import { getStepMetadata, heartbeat } from "workflow";
import { start } from "workflow/api";
import { StepTimeoutError } from "workflow/errors";
import { createTestClock } from "@workflow/world/testkit";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes, untilEvent } from "../support/scenario.ts";

const CAUGHT = `workflow("main", async () => {
  const { StepTimeoutError } = __workflow.modules["workflow/errors"];
  try { return await work(); } catch (e) { return [StepTimeoutError.is(e), e instanceof StepTimeoutError, e.code, e.attempt, e.timeout]; }
});`;

const never = new Promise<never>(() => {});

/** Rejects with what the signal of the step is aborted for. */
function untilAborted(): Promise<never> {
  const { signal } = getStepMetadata();
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
}

describeEngine("the timeout of a step", ({ openWorld, startEngine }) => {
  test("an attempt that takes too long is told, has failed, and is retried as often as maxRetries allows [01-1.2]", async () => {
    const reasons: unknown[] = [];
    const work = async (): Promise<never> =>
      untilAborted().finally(() => reasons.push(getStepMetadata().signal.reason));
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { timeout: "2s", maxRetries: 1 }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual([true, true, "STEP_TIMED_OUT", 2, 2_000]);
    expect(reasons.map((reason) => StepTimeoutError.is(reason) && reason.attempt)).toEqual([1, 2]);
    expect(await eventTypes(world, run.runId)).toEqual([
      "run_created",
      "run_started",
      "step_created",
      "step_started",
      "step_retrying",
      "step_started",
      "step_failed",
      "run_completed",
    ]);
  });

  test("what a body makes of the abort is not what the attempt comes to, an AbortError neither", async () => {
    let attempts = 0;
    const work = async (): Promise<string> => {
      attempts += 1;
      if (attempts === 2) return "done";
      return untilAborted().catch((reason: unknown) => {
        throw new DOMException("aborted", { name: "AbortError", cause: reason });
      });
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { timeout: 500 }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("done");
  });

  test("the next attempt waits for a body that goes on", async () => {
    const gate = Promise.withResolvers<void>();
    const begun: number[] = [];
    let running = 0;
    const work = async (): Promise<number> => {
      const { attempt } = getStepMetadata();
      begun.push(attempt);
      running += 1;
      expect(running).toBe(1);
      if (attempt === 1) await gate.promise;
      running -= 1;
      return attempt;
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { timeout: "1s" }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    const { worker } = await startEngine({ world, graceMs: 60_000 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => begun.length === 1);
    await clock.advanceSettled(1_000);
    await untilEvent(world, run.runId, "step_retrying");
    const before = worker.counts.turns;
    await clock.advanceSettled(20_000);
    expect(begun).toEqual([1]);
    expect(worker.counts.turns).toBe(before);
    gate.resolve();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe(2);
    expect(begun).toEqual([1, 2]);
  });

  test("the next attempt does not wait for longer than the grace period, and the old body keeps its place", async () => {
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const clock = createTestClock(Date.now());
    const times: number[] = [];
    const work = async (): Promise<string> => {
      const { attempt } = getStepMetadata();
      begun.push(`work ${attempt}`);
      times.push(clock.now());
      if (attempt === 1) await gate.promise;
      else await untilAborted();
      return "never";
    };
    const other = async (): Promise<void> => void begun.push("other");
    deploy(realmCode(["work", "other"], `${CAUGHT} workflow("side", async () => other());`), {
      work: Object.assign(work, { timeout: "1s", maxRetries: 1 }),
      other,
    });
    const world = await openWorld(clock);
    await startEngine({ world, graceMs: 2_000, concurrency: 2 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => begun.length === 2);
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(3_000);
    // Both places are taken: by the attempt, and by the body that nobody waits for.
    const side = await start(workflow("side"), []);
    await untilEvent(world, side.runId, "step_created");
    expect(begun).toEqual(["work 1", "work 2"]);
    await passTime(clock, async () => (await side.status) === "completed");
    expect(begun).toEqual(["work 1", "work 2", "other"]);
    expect(await run.returnValue).toMatchObject([true, true, "STEP_TIMED_OUT", 2, 1_000]);
    gate.resolve();
  });

  test("without a retry to come, the run goes on at the timeout, whatever the body does", async () => {
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(() => never, { timeout: "1s", maxRetries: 0 }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world, graceMs: 1_000 });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual([true, true, "STEP_TIMED_OUT", 1, 1_000]);
  });

  test("a race is won by a timer though the step that lost is stuck", async () => {
    deploy(
      realmCode(["work"], `workflow("main", async () => Promise.race([work(), sleep("3s").then(() => "timer")]));`),
      { work: Object.assign(() => never, { timeout: "1s", maxRetries: Infinity }) },
    );
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world, graceMs: 10_000, sweepMs: 60_000 });
    const run = await start(workflow("main"), []);
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("timer");
  });

  test("a result that comes in time has no timeout after it, and one that comes late is not taken", async () => {
    const late = Promise.withResolvers<string>();
    const work = async (): Promise<string> => (getStepMetadata().attempt === 1 ? late.promise : "in time");
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { timeout: "1s" }) });
    const clock = createTestClock(Date.now());
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilEvent(world, run.runId, "step_started");
    await passTime(clock, async () => (await eventTypes(world, run.runId)).includes("step_retrying"));
    late.resolve("late");
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toBe("in time");
    const before = await eventTypes(world, run.runId);
    await clock.advanceSettled(5_000);
    expect(await eventTypes(world, run.runId)).toEqual(before);
  });
});

describeEngine("the heartbeat of a step", ({ openWorld, startEngine }) => {
  test("each begins the timeout anew; after the last the time is over", async () => {
    const clock = createTestClock(Date.now());
    let lastBeat = 0;
    const work = async (): Promise<void> => {
      for (let beat = 0; beat < 5; beat++) {
        await new Promise<void>((resolve) => clock.delay(900, resolve));
        heartbeat();
        lastBeat = clock.now();
      }
      await untilAborted().finally(() => expect(clock.now() - lastBeat).toBe(1_000));
    };
    deploy(realmCode(["work"], CAUGHT), { work: Object.assign(work, { timeout: "1s", maxRetries: 0 }) });
    const world = await openWorld(clock);
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const began = clock.now();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toMatchObject([true, true, "STEP_TIMED_OUT", 1, 1_000]);
    expect(lastBeat - began).toBeGreaterThanOrEqual(4_500);
  });

  test("does nothing where there is no timeout, and belongs to steps alone", async () => {
    deploy(
      realmCode(
        ["work"],
        `workflow("main", async () => {
          await work();
          try { __workflow.modules.workflow.heartbeat(); } catch (e) { return e.name; }
        });`,
      ),
      { work: async () => heartbeat() },
    );
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await run.returnValue).toBe("NotInStepContextError");
    expect(() => heartbeat()).toThrow("heartbeat()");
    expect(() => heartbeat()).toThrow("CONTEXT_VIOLATION");
  });
});
