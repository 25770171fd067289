import { createTestClock, withFaults } from "@workflow/world/testkit";
import { expect, test, vi } from "vitest";
import { start } from "workflow/api";
import { STREAM_PATIENCE_MS } from "workflow/world";
import { deploy, passTime, realmCode, workflow } from "../support/engine.ts";
import { describeEngine, untilEvent } from "../support/scenario.ts";
import { all, firstValueStream, source } from "../support/value-streams.ts";

/** Who fed it is gone: it never gives anything. */
const silent = (): ReadableStream => new ReadableStream({ pull: () => new Promise(() => {}) });

describeEngine("streams whose process is gone", ({ openWorld, startEngine }) => {
  const READ = realmCode(["read"], `workflow("main", async (given) => read(given));`);
  const read = async (given: unknown): Promise<unknown> =>
    all(given).catch((error: unknown) => [(error as Error).name, (error as Error).message]);

  test("an idle producer that lives is waited for, however long [09-9.6]", async () => {
    const clock = createTestClock();
    const { stream, to } = source<string>();
    deploy(READ, { read });
    let words = 0;
    const world = withFaults(await openWorld(clock), ({ write, phase }) => {
      if (write === "streams.append" && phase === "after") words += 1;
    });
    await startEngine({ world });
    const run = await start(workflow("main"), [stream]);
    await untilEvent(world, run.runId, "step_started");
    for (let word = 1; word <= 10; word += 1) {
      await vi.waitFor(() => expect(words).toBe(word));
      await clock.advanceSettled(STREAM_PATIENCE_MS / 3);
    }
    to.enqueue("at last");
    to.close();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["at last"]);
  });

  test("a reader is told when nothing is heard of the producer's process any more [09-9.6] [07-7.14.stream]", async () => {
    const clock = createTestClock();
    deploy(READ, { read });
    let dead = false;
    const world = withFaults(await openWorld(clock), ({ write }) =>
      write === "streams.append" && dead ? new Promise(() => {}) : undefined,
    );
    await startEngine({ world });
    const { stream, to } = source<string>();
    const run = await start(workflow("main"), [stream]);
    to.enqueue("first");
    const name = await firstValueStream(world, run.runId);
    await world.streams.wait({ runId: run.runId, name }, 0);
    dead = true;
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["StreamError", expect.stringContaining("was killed")]);
  });

  test("also when it went before it began [09-9.6] [07-7.14.stream]", async () => {
    const clock = createTestClock();
    deploy(READ, { read });
    const world = withFaults(await openWorld(clock), ({ write }) =>
      write === "streams.append" ? new Promise(() => {}) : undefined,
    );
    await startEngine({ world });
    const run = await start(workflow("main"), [silent()]);
    const since = clock.elapsed();
    await passTime(clock, async () => (await run.status) === "completed");
    expect(await run.returnValue).toEqual(["StreamError", expect.stringContaining("was killed")]);
    expect(clock.elapsed() - since).toBeGreaterThanOrEqual(STREAM_PATIENCE_MS);
  });

  test("a producer whose stream was closed by somebody is cancelled [09-9.3]", async () => {
    deploy(realmCode(["make"], `workflow("main", async () => make());`), { make: () => stream });
    const cancelled = Promise.withResolvers<unknown>();
    const { stream, to } = source<number>(cancelled.resolve);
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await run.returnValue;
    const name = await firstValueStream(world, run.runId);
    await world.streams.append({ runId: run.runId, name }, [], { close: true });
    to.enqueue(1);
    expect(await cancelled.promise).toMatchObject({ name: "StreamError" });
  });

  test("what a step returns after its run has ended is cancelled, and flows nowhere", async () => {
    const gate = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<unknown>();
    deploy(realmCode(["make"], `workflow("main", async () => make());`), {
      async make() {
        await gate.promise;
        return source(cancelled.resolve).stream;
      },
    });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"));
    await untilEvent(world, run.runId, "step_started");
    await run.cancel();
    gate.resolve();
    expect(await cancelled.promise).toMatchObject({ message: expect.stringContaining("came too late") });
    expect(await world.streams.list(run.runId)).toEqual([]);
  });

  test("what a step returns after its time is cancelled too", async () => {
    const gate = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<unknown>();
    const make = async (): Promise<ReadableStream> => {
      await gate.promise;
      return source(cancelled.resolve).stream;
    };
    deploy(realmCode(["make"], `workflow("main", async () => make().catch((error) => error.name));`), {
      make: Object.assign(make, { timeout: 10, maxRetries: 0 }),
    });
    const world = await openWorld();
    await startEngine({ world });
    expect(await (await start(workflow("main"))).returnValue).toBe("StepTimeoutError");
    gate.resolve();
    expect(await cancelled.promise).toMatchObject({ message: expect.stringContaining("came too late") });
  });
});
