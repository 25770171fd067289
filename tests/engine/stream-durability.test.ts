import { createTestClock, withFaults } from "@workflow/world/testkit";
import { expect, test, vi } from "vitest";
import { getWritable } from "workflow";
import { start } from "workflow/api";
import type { WorkflowRunFailedError } from "workflow/errors";
import type { World } from "workflow/world";
import { passTime, workflow } from "../support/engine.ts";
import { describeEngine, eventTypes } from "../support/scenario.ts";
import { all, createGate, deploySteps, write } from "../support/streams.ts";

/** The World, whose appends do first what `before` says; it gets the number of the append, from 1 on. */
function appending(world: World, before: (count: number) => void | Promise<void>): World {
  let count = 0;
  return withFaults(world, ({ write: name, phase }) => {
    if (name !== "streams.append" || phase === "after") return undefined;
    count += 1;
    return before(count);
  });
}

async function settle(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

describeEngine("chunks of a step are durable before it ends", ({ openWorld, startEngine }) => {
  test.each([
    ["released", () => write(["a", "b"])],
    [
      "kept",
      async () => {
        const writer = getWritable().getWriter();
        void writer.write("a");
        void writer.write("b");
      },
    ],
    [
      "closed by nobody's leave",
      async () => {
        const writer = getWritable().getWriter();
        void writer.write("a");
        void writer.write("b");
        void writer.close();
      },
    ],
  ])("also of a writer that is %s [09-9.3]", async (_how, one) => {
    const asked = createGate();
    const gate = createGate();
    deploySteps({ one });
    const world = await openWorld();
    const slow = appending(world, async () => {
      asked.open();
      await gate.passed;
    });
    await startEngine({ world: slow });
    const run = await start(workflow("main"), []);
    await asked.passed;
    await settle();
    expect(await eventTypes(world, run.runId)).not.toContain("step_completed");
    gate.open();
    expect(await all(run.readable)).toEqual(["a", "b"]);
    await run.returnValue;
  });

  test("a step whose chunks are not stored in 30 seconds has failed, and is tried again [09-9.3] [14-14.1]", async () => {
    const clock = createTestClock();
    deploySteps({ one: () => write(["a"]) });
    const world = await openWorld(clock);
    const asked = createGate();
    const stuck = appending(world, (count) => {
      if (count > 1) return undefined;
      asked.open();
      return new Promise(() => {});
    });
    await startEngine({ world: stuck });
    const run = await start(workflow("main"), []);
    await asked.passed;
    await settle();
    await clock.advanceSettled(29_000);
    expect(await eventTypes(world, run.runId)).not.toContain("step_retrying");
    await passTime(clock, async () => (await run.status) === "completed");
    const { data } = await world.events.list({ runId: run.runId });
    const retrying = data.find(({ eventType }) => eventType === "step_retrying");
    expect(JSON.stringify(retrying)).toMatch(/WORKFLOW_STEP_STREAM_DRAIN_TIMEOUT_MS \(STREAM_FAILED\)/);
    expect(clock.now() - (retrying?.createdAt.getTime() ?? 0)).toBeLessThan(10_000);
    expect(await all(run.readable)).toEqual(["a"]);
  });

  test("how long it waits can be set [10-WORKFLOW_STEP_STREAM_DRAIN_TIMEOUT_MS]", async () => {
    vi.stubEnv("WORKFLOW_STEP_STREAM_DRAIN_TIMEOUT_MS", "20");
    deploySteps({ one: () => write(["a"]) });
    const world = await openWorld();
    await startEngine({ world: appending(world, (count) => (count > 1 ? undefined : new Promise(() => {}))) });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["a"]);
    expect(await eventTypes(world, run.runId)).toContain("step_retrying");
    vi.unstubAllEnvs();
  });

  test("a write that fails fails the attempt, also when the body went on; the next one appends [09-9.3]", async () => {
    let attempts = 0;
    deploySteps({
      one: async () => {
        attempts += 1;
        await write([`attempt ${attempts}`]);
        return attempts;
      },
    });
    const world = await openWorld();
    const failing = appending(world, (count) => {
      if (count === 1) throw new Error("The disk is full");
    });
    await startEngine({ world: failing });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["attempt 2"]);
    expect(await run.returnValue).toEqual([2, undefined]);
  });

  test("what the body threw counts more than what became of its chunks", async () => {
    deploySteps({
      one: async () => {
        await write(["a"]);
        throw Object.assign(new Error("the body's own"), { fatal: true });
      },
    });
    const failing = appending(await openWorld(), () => {
      throw new Error("The disk is full");
    });
    await startEngine({ world: failing });
    const run = await start(workflow("main"), []);
    const error = (await run.returnValue.catch((reason: unknown) => reason)) as WorkflowRunFailedError;
    expect(error.cause).toMatchObject({ message: "the body's own" });
  });

  test("a step that writes on after its end is heard until its run ends", async () => {
    const gate = createGate();
    const ended = createGate();
    const late: unknown[] = [];
    deploySteps({
      one: async () => {
        const writer = getWritable().getWriter();
        await writer.write("in time");
        void (async () => {
          await gate.passed;
          await writer.write("later");
          await ended.passed;
          await writer.write("too late").catch(() => {});
          await writer.closed.catch((error: unknown) => late.push(error));
        })();
      },
      two: async () => {
        gate.open();
        await vi.waitFor(async () => expect(await run.readable.getTailIndex()).toBe(1));
      },
    });
    await startEngine({ world: await openWorld() });
    const run = await start(workflow("main"), []);
    expect(await all(run.readable)).toEqual(["in time", "later"]);
    ended.open();
    await vi.waitFor(() => expect(late).toMatchObject([{ name: "StreamError" }]));
  });
});
