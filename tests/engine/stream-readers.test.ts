import { expect, test } from "vitest";
import { getRun, type Run, start, type WorkflowReadableStream } from "workflow/api";
import { StreamError, WorkflowRunNotFoundError } from "workflow/errors";
import { newRunId, streamName, type World } from "workflow/world";
import { workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";
import { all, createGate, deploySteps, take, untilStepsOf, write } from "../support/streams.ts";

describeEngine("reading", ({ openWorld, startEngine }) => {
  async function withChunks(count: number): Promise<{ run: Run; finish: () => void }> {
    const gate = createGate();
    deploySteps({ one: () => write(Array.from({ length: count }, (_, n) => n)), two: () => gate.passed });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await untilStepsOf(run, 2);
    return { run, finish: gate.open };
  }

  test("reading begins where it is told [09-A.2] [09-9.2.start] [09-9.2.skip] [09-9.2.tail] [09-9.2.beyond]", async () => {
    const { run, finish } = await withChunks(5);
    expect(await take(run.getReadable({ startIndex: -1 }), 1)).toEqual([4]);
    expect(await take(run.getReadable({ startIndex: 3 }), 2)).toEqual([3, 4]);
    expect(await take(run.getReadable({ startIndex: -2 }), 2)).toEqual([3, 4]);
    expect(await take(run.getReadable({ startIndex: -99 }), 5)).toEqual([0, 1, 2, 3, 4]);
    const last = run.getReadable({ startIndex: -1 });
    expect(await take(last, 1)).toEqual([4]);
    const later = all(last);
    const beyond = all(run.getReadable({ startIndex: 6 }));
    const writer = run.getWritable().getWriter();
    await writer.write("five");
    await writer.write("six");
    await writer.close();
    expect(await later).toEqual(["five", "six"]);
    expect(await beyond).toEqual(["six"]);
    expect(await all(run.getReadable({ startIndex: 99 }))).toEqual([]);
    finish();
  });

  test("the tail index can be asked for, also before anything was read [09-9.2.tail-index] [02-2.3.readable]", async () => {
    const { run, finish } = await withChunks(3);
    const readable: WorkflowReadableStream = run.readable;
    expect(await readable.getTailIndex()).toBe(2);
    expect(await run.getReadable({ namespace: "empty" }).getTailIndex()).toBe(-1);
    expect(await take(readable, 1)).toEqual([0]);
    finish();
  });

  test("a stream of an unknown run is an error with the first read, not before [09-9.2.lazy] [09-9.5.get-writable]", async () => {
    const world = await openWorld();
    await startEngine({ world });
    const run = getRun(newRunId());
    const { readable } = run;
    await expect(readable.getReader().read()).rejects.toThrow(WorkflowRunNotFoundError);
    await expect(run.readable.getTailIndex()).rejects.toThrow(WorkflowRunNotFoundError);
    const writer = run.writable.getWriter();
    await expect(writer.write("a")).rejects.toThrow(WorkflowRunNotFoundError);
    await expect(writer.closed).rejects.toThrow(WorkflowRunNotFoundError);
  });

  test("whoever stops reading changes nothing for the run and for others [09-9.2.cancel]", async () => {
    const { run, finish } = await withChunks(3);
    const other = all(run.readable);
    const reader = run.readable.getReader();
    await reader.read();
    await reader.cancel();
    const waiting = run.getReadable({ startIndex: 3 }).getReader();
    const read = waiting.read();
    await waiting.cancel("enough");
    expect(await read).toEqual({ done: true, value: undefined });
    finish();
    expect(await other).toEqual([0, 1, 2]);
    expect(await run.status).toBe("completed");
  });

  test("long streams are read in pages, each chunk once [09-9.7.pages]", async () => {
    const { run, finish } = await withChunks(2_345);
    finish();
    expect(await all(run.readable)).toEqual(Array.from({ length: 2_345 }, (_, n) => n));
  });

  test("a slow reader holds nobody up, and nothing is read ahead of it but one page [09-9.3] [09-9.2.lazy]", async () => {
    deploySteps({ one: () => write(Array.from({ length: 3_500 }, (_, n) => n)) });
    const world = await openWorld();
    const asked: number[] = [];
    const read: World["streams"]["read"] = (stream, options) => {
      asked.push(options.startIndex);
      return world.streams.read(stream, options);
    };
    await startEngine({ world: { ...world, streams: { ...world.streams, read } } });
    const run = await start(workflow("main"), []);
    const { readable } = run;
    await run.returnValue;
    expect(asked).toEqual([]);
    expect(await take(readable, 1)).toEqual([0]);
    expect(await take(readable, 999)).toHaveLength(999);
    expect(asked).toEqual([0]);
    expect((await all(readable)).at(-1)).toBe(3_499);
    expect(asked).toEqual([0, 1_000, 2_000, 3_000]);
  });

  test("bytes make the body of a response [09-9.2.values]", async () => {
    deploySteps({ one: () => write([Buffer.from("ab"), new TextEncoder().encode("c\u00e9")]) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    expect(await new Response(run.getReadable<Uint8Array>()).text()).toBe("abc\u00e9");
  });
});

describeEngine("writing from outside", ({ openWorld, startEngine }) => {
  test("code outside appends, and promises say when it is durable [09-9.5.get-writable] [09-9.5.ops] [02-2.3.writable]", async () => {
    const gate = createGate();
    deploySteps({ one: () => gate.passed, two: () => write(["inside"]) });
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    const ops: Promise<unknown>[] = [];
    const writer = getRun(run.runId).getWritable({ ops }).getWriter();
    await writer.write("outside 1");
    await writer.write("outside 2");
    writer.releaseLock();
    await Promise.all(ops);
    expect(ops.length).toBeGreaterThan(0);
    expect((await world.streams.info({ runId: run.runId, name: streamName(run.runId) })).tailIndex).toBe(1);
    gate.open();
    expect(await all(run.readable)).toEqual(["outside 1", "outside 2", "inside"]);
  });

  test("after the end of the run nothing is taken, and its promise says so [09-9.5]", async () => {
    deploySteps({});
    const world = await openWorld();
    await startEngine({ world });
    const run = await start(workflow("main"), []);
    await run.returnValue;
    const ops: Promise<unknown>[] = [];
    const writer = run.getWritable({ ops }).getWriter();
    const closed = writer.closed.catch((error: unknown) => error);
    await expect(writer.write("late")).rejects.toThrow(/its run has ended/);
    expect(StreamError.is(await closed)).toBe(true);
    await expect(Promise.all(ops)).rejects.toThrow(/its run has ended/);
    expect(await all(run.readable)).toEqual([]);
  });
});
