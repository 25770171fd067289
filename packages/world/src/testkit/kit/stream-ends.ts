import { describe, expect } from "vitest";
import { STREAM_PATIENCE_MS, valueStreamName } from "workflow/world";
import { cancelled, completed, failed } from "./events.ts";
import type { Check } from "./scene.ts";
import { all, bytes, ofRun } from "./stream-parts.ts";

/** How streams end, and how those who wait for chunks hear of both. */
export function describeStreamEnds(check: Check): void {
  describe("ends of streams, and waits", () => {
    describeEnds(check);
    describeWaits(check);
    describeAbandoned(check);
  });
}

function describeEnds(check: Check): void {
  check("a stream that was closed takes nothing more, from anybody", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    await world.streams.append(stream, bytes("a", "b"), { close: true });
    const refusal = { name: "StreamError", code: "STREAM_FAILED" };
    await expect(world.streams.append(stream, bytes("c"))).rejects.toMatchObject(refusal);
    await expect(world.streams.append(stream, bytes("c"), { close: true })).rejects.toMatchObject(refusal);
    await expect(world.streams.append(stream, [])).rejects.toMatchObject(refusal);
    expect(await world.streams.read(stream, { startIndex: 0 })).toEqual({
      startIndex: 0,
      tailIndex: 1,
      state: "closed",
      chunks: bytes("a", "b"),
    });
    await world.streams.append(ofRun(runId, "other"), bytes("d"));
  });

  check("closing again changes nothing", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    await world.streams.append(stream, bytes("a"));
    await world.streams.append(stream, [], { close: true });
    await world.streams.append(stream, [], { close: true });
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "closed" });
  });

  for (const event of [completed, failed, cancelled()]) {
    check(`streams of a run end with ${event.type}, also those that nobody wrote to`, async ({ world, own }) => {
      const owner = await own();
      const stream = ofRun(owner.runId);
      await world.streams.append(stream, bytes("a"));
      await owner.commit(event);
      expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "closed" });
      expect(await world.streams.info(ofRun(owner.runId, "other"))).toEqual({ tailIndex: -1, state: "closed" });
      const refusal = { name: "StreamError", message: expect.stringContaining(owner.runId) };
      await expect(world.streams.append(stream, bytes("b"))).rejects.toMatchObject(refusal);
      await world.streams.append(stream, [], { close: true });
      expect(await all(world, stream)).toEqual(["a"]);
    });
  }

  check("a stream that was passed as a value outlives its run", async ({ world, own }) => {
    const owner = await own();
    const stream = { runId: owner.runId, name: valueStreamName("1") };
    await world.streams.append(stream, bytes("a"));
    await owner.commit(completed);
    await world.streams.append(stream, bytes("b"), { close: true });
    expect(await world.streams.read(stream, { startIndex: 0 })).toMatchObject({
      state: "closed",
      chunks: bytes("a", "b"),
    });
  });
}

function describeWaits(check: Check): void {
  check("whoever waits is told of the chunk, without the clock moving", async ({ world, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const waiting = [0, 0, 1].map((index) => world.streams.wait(stream, index));
    await world.streams.append(stream, bytes("a"));
    await Promise.all(waiting.slice(0, 2));
    await world.streams.append(stream, bytes("b"));
    await waiting[2];
    await world.streams.wait(stream, 1);
  });

  check("whoever waits is told of the end, by closing or of the run", async ({ world, own }) => {
    const owner = await own();
    const [one, other] = [ofRun(owner.runId), ofRun(owner.runId, "other")];
    const waiting = [world.streams.wait(one, 5), world.streams.wait(other, 5)];
    await world.streams.append(one, [], { close: true });
    await waiting[0];
    await owner.commit(completed);
    await waiting[1];
    await world.streams.wait(one, 5);
    await world.streams.wait(other, 5);
  });

  check("chunks of another stream, and too few of this one, end no wait", async ({ world, clock, own }) => {
    const { runId } = await own();
    const stream = ofRun(runId);
    const state = { settled: false };
    const waiting = world.streams.wait(stream, 2).finally(() => (state.settled = true));
    await world.streams.append(ofRun(runId, "other"), bytes("a", "b", "c"));
    await world.streams.append(stream, bytes("a", "b"));
    await clock.advanceSettled(10_000);
    expect(state.settled).toBe(false);
    await world.streams.append(stream, bytes("c"));
    await waiting;
  });

  check("a wait ends after its timeout, not before, and when it is aborted", async ({ world, clock, own }) => {
    const stream = ofRun((await own()).runId);
    const state = { settled: false };
    const waiting = world.streams.wait(stream, 0, { timeoutMs: 5_000 }).finally(() => (state.settled = true));
    await clock.advanceSettled(4_000);
    expect(state.settled).toBe(false);
    for (let seconds = 0; seconds < 10 && !state.settled; seconds += 1) await clock.advanceSettled(1_000);
    await waiting;
    const abort = new AbortController();
    const aborted = world.streams.wait(stream, 0, { signal: abort.signal });
    abort.abort();
    await aborted;
    await world.streams.wait(stream, 0, { signal: abort.signal });
  });

  check("a wait for chunks that is under way when the World closes is refused", async ({ world, own }) => {
    const waiting = world.streams.wait(ofRun((await own()).runId), 0).catch((error: unknown) => error);
    await world.close();
    expect(await waiting).toMatchObject({ code: "WORLD_CLOSED" });
  });

  check("a hint names the stream that has more", async ({ world, own }) => {
    const { runId } = await own();
    const { name } = ofRun(runId, "logs");
    const told = new Promise<void>((resolve) => {
      world.onHint(
        (hint) => void (hint.kind === "streamed" && hint.runId === runId && hint.name === name && resolve()),
      );
    });
    await world.streams.append({ runId, name }, bytes("a"));
    await told;
  });
}

function describeAbandoned(check: Check): void {
  check("a stream that nobody feeds is abandoned, and stays so", async ({ world, clock, own }) => {
    const { runId } = await own();
    const stream = { runId, name: valueStreamName("1") };
    await world.streams.append(stream, bytes("a"));
    clock.advance(STREAM_PATIENCE_MS);
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "open" });
    clock.advance(1);
    expect(await world.streams.read(stream, { startIndex: 0 })).toMatchObject({
      state: "abandoned",
      chunks: bytes("a"),
    });
    for (const close of [false, true]) {
      const late = world.streams.append(stream, [], { close });
      await expect(late).rejects.toMatchObject({ name: "StreamError", code: "STREAM_FAILED" });
    }
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "abandoned" });
  });

  check("a word from who feeds a stream keeps it open, a clock that is set does not end it", async (scene) => {
    const { world, clock, own } = scene;
    const { runId } = await own();
    const stream = { runId, name: valueStreamName("1") };
    for (let n = 0; n < 5; n += 1) {
      await world.streams.append(stream, []);
      clock.advance(STREAM_PATIENCE_MS);
      clock.jump(n % 2 === 0 ? 1e9 : -2e9);
    }
    expect(await world.streams.info(stream)).toEqual({ tailIndex: -1, state: "open" });
    await world.streams.append(stream, bytes("a"), { close: true });
    clock.advance(10 * STREAM_PATIENCE_MS);
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "closed" });
  });

  check("the own streams of a run are never abandoned", async ({ world, clock, own }) => {
    const stream = ofRun((await own()).runId);
    await world.streams.append(stream, bytes("a"));
    clock.advance(100 * STREAM_PATIENCE_MS);
    await world.streams.append(stream, bytes("b"));
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 1, state: "open" });
  });

  check("a wait ends when the stream is abandoned, and not before", async ({ world, clock, own }) => {
    const { runId } = await own();
    const stream = { runId, name: valueStreamName("1") };
    const state = { settled: false };
    await world.streams.append(stream, []);
    const timeoutMs = 10 * STREAM_PATIENCE_MS;
    const waiting = world.streams.wait(stream, 0, { timeoutMs }).finally(() => (state.settled = true));
    await clock.advanceSettled(20_000);
    await world.streams.append(stream, []);
    await clock.advanceSettled(20_000);
    expect(state.settled).toBe(false);
    for (let seconds = 0; seconds < 20 && !state.settled; seconds += 1) await clock.advanceSettled(1_000);
    await waiting;
    expect(await world.streams.info(stream)).toEqual({ tailIndex: -1, state: "abandoned" });
  });

  check("a value that nobody began to feed is open, also once its run has ended", async ({ world, own }) => {
    const owner = await own();
    const stream = { runId: owner.runId, name: valueStreamName("1") };
    await owner.commit(completed);
    expect(await world.streams.info(stream)).toEqual({ tailIndex: -1, state: "open" });
    expect(await world.streams.list(owner.runId)).toEqual([]);
    await world.streams.append(stream, []);
    expect(await world.streams.list(owner.runId)).toEqual([stream.name]);
    await world.streams.append(stream, bytes("a"), { close: true });
    expect(await world.streams.info(stream)).toEqual({ tailIndex: 0, state: "closed" });
  });
}
