import { describe, expect } from "vitest";
import { STREAM_PAGE_BYTES, STREAM_PAGE_CHUNKS, streamName } from "workflow/world";
import { runIdOf } from "./events.ts";
import type { Check } from "./scene.ts";
import { expectRefused } from "./snapshot.ts";
import { all, bytes, ofRun, texts } from "./stream-parts.ts";

/** Chunks in order, beside the history (contract 09). */
export function describeStreams(check: Check): void {
  describe("streams", () => {
    describeOrder(check);
    describeReading(check);
    describePages(check);
  });
}

function describeOrder(check: Check): void {
  check("chunks are read in the order in which they were appended", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    await world.streams.append(stream, bytes("a"));
    await world.streams.append(stream, bytes("b", "", "c"));
    await Promise.all(["d", "e", "f"].map((text) => world.streams.append(stream, bytes(text))));
    expect(await all(world, stream)).toEqual(["a", "b", "", "c", "d", "e", "f"]);
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 6, state: "open" });
  });

  check("no chunks of others stand between those that were appended together", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const writers = ["a", "b", "c", "d"];
    await Promise.all(
      writers.map((writer) => world.streams.append(stream, bytes(`${writer}1`, `${writer}2`, `${writer}3`))),
    );
    const found = await all(world, stream);
    const groups = [0, 3, 6, 9].map((from) => found.slice(from, from + 3));
    expect(groups.toSorted()).toEqual(writers.map((writer) => [`${writer}1`, `${writer}2`, `${writer}3`]));
  });

  check("bytes are kept as they were, whatever is done to them afterwards", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const chunk = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await world.streams.append(stream, [chunk, chunk.subarray(3, 5)]);
    chunk.fill(7);
    const { chunks } = await world.streams.read(stream, { startIndex: 0 });
    expect(chunks.map((found) => [...found])).toEqual([Array.from({ length: 256 }, (_, byte) => byte), [3, 4]]);
  });

  check("streams of one run, and of several, have nothing to do with each other", async ({ world, own }) => {
    const one = (await own()).runId;
    const other = (await own()).runId;
    await world.streams.append(ofRun(one), bytes("default"));
    await world.streams.append(ofRun(one, "logs"), bytes("logs"));
    await world.streams.append({ runId: other, name: streamName(one) }, bytes("other"));
    expect(await all(world, ofRun(one))).toEqual(["default"]);
    expect(await all(world, ofRun(one, "logs"))).toEqual(["logs"]);
    expect(await all(world, ofRun(other))).toEqual([]);
    expect(await world.streams.list(one)).toEqual([streamName(one), streamName(one, "logs")]);
    expect(await world.streams.list(other)).toEqual([streamName(one)]);
  });

  check("a stream without chunks is listed once it was appended to", async ({ world, own }) => {
    const { runId } = await own();
    expect(await world.streams.list(runId)).toEqual([]);
    await world.streams.append(ofRun(runId, "b"), []);
    await world.streams.append(ofRun(runId, "a"), [], { close: true });
    expect(await world.streams.list(runId)).toEqual([streamName(runId, "b"), streamName(runId, "a")]);
  });
}

function describeReading(check: Check): void {
  check("reading begins at an index, from the end too", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    await world.streams.append(stream, bytes("a", "b"));
    await world.streams.append(stream, bytes("c", "d", "e"));
    for (const [startIndex, from] of [
      [0, 0],
      [1, 1],
      [3, 3],
      [4, 4],
      [-1, 4],
      [-3, 2],
      [-5, 0],
      [-99, 0],
    ] as const) {
      const page = await world.streams.read(stream, { startIndex });
      expect([page.startIndex, page.tailIndex]).toEqual([from, 4]);
      expect(texts(page.chunks)).toEqual(["a", "b", "c", "d", "e"].slice(from));
    }
  });

  check("beyond the end there is nothing yet", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    expect(await world.streams.read(stream, { startIndex: -1 })).toEqual({
      startIndex: 0,
      tailIndex: -1,
      state: "open",
      chunks: [],
    });
    await world.streams.append(stream, bytes("a"));
    for (const startIndex of [1, 7, 2 ** 40]) {
      expect(await world.streams.read(stream, { startIndex })).toEqual({
        startIndex,
        tailIndex: 0,
        state: "open",
        chunks: [],
      });
    }
  });

  check("every operation on a stream of an unknown run is an error, and writes nothing", async ({ world, own }) => {
    await own();
    const stream = ofRun(runIdOf(999));
    for (const use of [
      () => world.streams.append(stream, bytes("a")),
      () => world.streams.read(stream, { startIndex: 0 }),
      () => world.streams.wait(stream, 0),
      () => world.streams.info(stream),
      () => world.streams.list(stream.runId),
    ]) {
      await expect(use()).rejects.toMatchObject({ name: "WorkflowRunNotFoundError", code: "RUN_NOT_FOUND" });
    }
  });

  check("what cannot be an index, a limit or a name is refused", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    for (const options of [
      { startIndex: 0.5 },
      { startIndex: Number.NaN },
      { startIndex: 0, limit: 0 },
      { startIndex: 0, limit: STREAM_PAGE_CHUNKS + 1 },
    ]) {
      await expectRefused(world, () => world.streams.read(stream, options), "INVALID_ARGUMENT");
    }
    for (const name of ["", "strm_", "strm_a b", "strm_a\n", "logs"]) {
      await expectRefused(world, () => world.streams.append({ runId, name }, bytes("a")), "INVALID_ARGUMENT");
      expect(await world.streams.list(runId)).toEqual([]);
    }
  });
}

function describePages(check: Check): void {
  check("a page has at most as many chunks as asked for, and pages join", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const numbers = Array.from({ length: 2_500 }, (_, n) => String(n));
    await world.streams.append(stream, bytes(...numbers.slice(0, 3)));
    await world.streams.append(stream, bytes(...numbers.slice(3, 2_300)));
    await world.streams.append(stream, bytes(...numbers.slice(2_300)));
    for (const limit of [7, 999, undefined]) {
      const found: string[] = [];
      while (found.length < numbers.length) {
        const options = { startIndex: found.length, ...(limit !== undefined && { limit }) };
        const { chunks } = await world.streams.read(stream, options);
        expect(chunks.length).toBe(Math.min(limit ?? STREAM_PAGE_CHUNKS, numbers.length - found.length));
        found.push(...texts(chunks));
      }
      expect(found).toEqual(numbers);
    }
  });

  check("a page is about a megabyte at most, or one chunk", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const part = STREAM_PAGE_BYTES / 2 - 10;
    const sizes = [1, part, part, part, 3 * STREAM_PAGE_BYTES, 2];
    await world.streams.append(
      stream,
      sizes.map((size) => new Uint8Array(size).fill(size % 251)),
    );
    const pages: number[][] = [];
    for (let next = 0; next < sizes.length; next = pages.flat().length) {
      const { chunks } = await world.streams.read(stream, { startIndex: next });
      for (const chunk of chunks) expect(chunk.every((byte) => byte === chunk.length % 251)).toBe(true);
      pages.push(chunks.map((chunk) => chunk.length));
    }
    expect(pages).toEqual([[1, part, part], [part], [3 * STREAM_PAGE_BYTES], [2]]);
  });
}
