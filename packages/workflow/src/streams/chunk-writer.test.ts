import { setImmediate } from "node:timers/promises";
import { createTestClock } from "@workflow/world/testkit";
import { describe, expect, test } from "vitest";
import { WorkflowWorldError } from "../world/errors.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { createWritable } from "./writable.ts";

interface Sent {
  readonly sizes: readonly number[];
  readonly close: boolean;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

/** A writer whose World answers when it is told to. */
function createBench({ flushIntervalMs = 0 } = {}) {
  const sent: Sent[] = [];
  const clock = createTestClock();
  const failures: Error[] = [];
  const stream = { runId: "wrun_1", name: "strm_1_user" };
  const store = {
    append: (_stream: unknown, chunks: readonly Uint8Array[], { close = false } = {}) =>
      new Promise<void>((done, fail) => sent.push({ sizes: chunks.map((chunk) => chunk.length), close, done, fail })),
  };
  const open = (onFailure: (error: Error) => void): ChunkWriter => {
    const told = (error: WorkflowWorldError | Error): void => {
      failures.push(error);
      onFailure(error);
    };
    return new ChunkWriter({ stream, store, clock, flushIntervalMs, onFailure: told });
  };
  return {
    sent,
    clock,
    failures,
    writer: open(() => {}),
    writable: createWritable<unknown>(stream.name, open as never),
  };
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Until everything that can happen now has happened. */
async function settle(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await setImmediate();
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const state = { pending: true };
  promise.catch(() => {}).finally(() => (state.pending = false));
  await settle();
  return state.pending;
}

describe("batches", () => {
  test("the first chunk goes at once, what comes meanwhile goes together, in order [09-9.3]", async () => {
    const { writer, sent } = createBench();
    void writer.write(bytes(1));
    expect(sent.map(({ sizes }) => sizes)).toEqual([[1]]);
    for (const size of [2, 3, 4]) await writer.write(bytes(size));
    expect(sent).toHaveLength(1);
    sent[0]?.done();
    await settle();
    expect(sent.map(({ sizes }) => sizes)).toEqual([[1], [2, 3, 4]]);
    sent[1]?.done();
    await settle();
    await writer.write(bytes(5));
    expect(sent[2]?.sizes).toEqual([5]);
  });

  test("a batch has at most a thousand chunks and a megabyte; a larger chunk goes alone [09-9.3] [14-stream-batch]", async () => {
    const { writer, sent } = createBench();
    const mega = 2 ** 20;
    for (const size of [1, mega - 1, 1, 1, 3 * mega, 2]) await writer.write(bytes(size));
    for (let n = 0; n < 900; n += 1) await writer.write(bytes(0));
    for (let n = 0; n < 10; n += 1) {
      sent.at(-1)?.done();
      await settle();
    }
    expect(sent.map(({ sizes }) => [sizes.length, sizes.reduce((a, b) => a + b, 0)])).toEqual([
      [1, 1],
      [2, mega],
      [1, 1],
      [1, 3 * mega],
      [901, 2],
    ]);
  });

  test("chunks are gathered for as long as it is told to [09-9.3]", async () => {
    const { writer, sent, clock } = createBench({ flushIntervalMs: 50 });
    await writer.write(bytes(1));
    clock.advance(49);
    await writer.write(bytes(2));
    await settle();
    expect(sent).toEqual([]);
    clock.advance(1);
    await settle();
    expect(sent.map(({ sizes }) => sizes)).toEqual([[1, 2]]);
  });

  test("closing goes with the last chunks", async () => {
    const { writer, sent } = createBench();
    for (const size of [1, 2, 3]) await writer.write(bytes(size));
    const closed = writer.close();
    sent[0]?.done();
    await settle();
    expect(sent.map(({ sizes, close }) => [sizes, close])).toEqual([
      [[1], false],
      [[2, 3], true],
    ]);
    expect(await isPending(closed)).toBe(true);
    sent[1]?.done();
    await closed;
  });

  test("closing a stream that nothing was written to is sent, too", async () => {
    const { writer, sent } = createBench();
    const closed = writer.close();
    expect(sent.map(({ sizes, close }) => [sizes, close])).toEqual([[[], true]]);
    sent[0]?.done();
    await closed;
  });
});

describe("back-pressure", () => {
  test("a thousand chunks may be under way; the next waits until there is room [09-9.3]", async () => {
    const { writer, sent } = createBench();
    for (let n = 0; n < 1_000; n += 1) await writer.write(bytes(1));
    const next = writer.write(bytes(1));
    expect(await isPending(next)).toBe(true);
    sent[0]?.done();
    await next;
  });

  test("or eight megabytes, or one chunk that is larger [09-9.3]", async () => {
    const { writer, sent } = createBench();
    await writer.write(bytes(8 * 2 ** 20 - 1));
    await writer.write(bytes(1));
    const next = writer.write(bytes(9 * 2 ** 20));
    expect(await isPending(next)).toBe(true);
    sent[0]?.done();
    await settle();
    expect(await isPending(next)).toBe(true);
    sent[1]?.done();
    await next;
    await settle();
    expect(sent[2]?.sizes).toEqual([9 * 2 ** 20]);
  });

  test("a writer of the platform that heeds it keeps no more than that; no chunk is lost or turned round", async () => {
    const { writable, sent } = createBench();
    let produced = 0;
    const source = new ReadableStream({
      pull(controller) {
        produced += 1;
        if (produced > 5_000) controller.close();
        else controller.enqueue(bytes(produced));
      },
    });
    const piped = source.pipeTo(writable.stream);
    await settle();
    expect(produced).toBeLessThan(1_010);
    for (let n = 0; n < 100 && !sent.at(-1)?.close; n += 1) {
      sent.at(-1)?.done();
      await settle();
    }
    sent.at(-1)?.done();
    await piped;
    // One byte more for each: what kind of chunk it is.
    expect(sent.flatMap(({ sizes }) => sizes)).toEqual(Array.from({ length: 5_000 }, (_, n) => n + 2));
  });
});

describe("what is durable", () => {
  test("it is settled when everything that was written is stored, also what nobody waited for", async () => {
    const { writable, sent } = createBench();
    const writer = writable.stream.getWriter();
    for (let n = 0; n < 1_500; n += 1) void writer.write("x");
    const settled = writable.settled();
    for (let n = 0; sent.flatMap(({ sizes }) => sizes).length < 1_500; n += 1) {
      expect(await isPending(settled)).toBe(true);
      sent[n]?.done();
      await settle();
    }
    expect(await isPending(settled)).toBe(true);
    sent.at(-1)?.done();
    await settled;
    expect(sent.map(({ sizes }) => sizes.length)).toEqual([1, 1000, 499]);
    expect(sent.flatMap(({ sizes }) => sizes)).toHaveLength(1_500);
  });

  test("a write that fails ends the stream, and what was on its way [09-9.3]", async () => {
    const { writable, sent, failures } = createBench();
    const writer = writable.stream.getWriter();
    const closed = writer.closed.catch((error: unknown) => error);
    await writer.write("a");
    await writer.write("b");
    const cause = new WorkflowWorldError("WORLD_FAILED", "The disk is full");
    sent[0]?.fail(cause);
    const failure = await closed;
    expect(failure).toMatchObject({ name: "StreamError", code: "STREAM_FAILED", cause });
    await expect(writer.write("c")).rejects.toBe(failure);
    await expect(writable.settled()).rejects.toBe(failure);
    expect([failures, sent.length]).toEqual([[failure], 1]);
  });

  test("a writer that waits for room hears of a failure", async () => {
    const { writable, sent } = createBench();
    const writer = writable.stream.getWriter();
    writer.closed.catch(() => {});
    for (let n = 0; n < 1_000; n += 1) await writer.write("a");
    const waiting = writer.write("b");
    expect(await isPending(waiting)).toBe(true);
    sent[0]?.fail(new Error("gone"));
    await expect(waiting).rejects.toMatchObject({ name: "StreamError" });
    await expect(writable.settled()).rejects.toMatchObject({ name: "StreamError" });
  });

  test("who aborts keeps what was taken, closes nothing and waits for nothing", async () => {
    const { writable, sent } = createBench();
    const writer = writable.stream.getWriter();
    writer.closed.catch(() => {});
    await writer.write("a");
    await writer.abort(new Error("enough"));
    const settled = writable.settled();
    sent[0]?.done();
    await settled;
    expect(sent).toHaveLength(1);
    await expect(writer.write("b")).rejects.toThrow("enough");
    await writable.settled();
  });
});
