import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { newRunId, type StreamAddress, streamName, type StreamStore, valueStreamName } from "workflow/world";
import { readKeys } from "workflow/world-parts";
import { type Connection, createData, type Data } from "./fixtures/data.ts";
import { createStreams } from "./stream-store.ts";

describe("streams of several processes", () => {
  let data: Data;
  let streams: StreamStore;
  let run: Awaited<ReturnType<Data["addRun"]>>;
  let stream: StreamAddress;

  beforeEach(async () => {
    data = await createData();
    streams = createStreams(data.core());
    run = await data.addRun();
    stream = { runId: run.runId, name: streamName(run.runId) };
  });

  afterEach(() => data.drop());

  const texts = async (): Promise<readonly string[]> =>
    (await streams.read(stream, { startIndex: 0 })).chunks.map((chunk) => new TextDecoder().decode(chunk));

  /** A connection within a transaction that has begun to insert what an append of `stream` will insert too. */
  async function inTheWay(of: "stream" | "chunks"): Promise<Connection> {
    const other = await data.connect();
    await other.run("BEGIN");
    const chunks = `
      INSERT INTO {schema}.chunks (stream, first, packed, sealed)
      SELECT s.id, s.length, '', false FROM {schema}.streams s WHERE s.run = $1 AND s.name = $2`;
    const row = "INSERT INTO {schema}.streams (run, name, length, closed, fed_at) VALUES ($1, $2, 0, false, 0)";
    await other.run(of === "stream" ? row : chunks, [run.id, stream.name]);
    return other;
  }

  /** A connection within a transaction that has ended the run, as far as its own row goes. */
  async function ending(): Promise<Connection> {
    const owner = await data.connect();
    await owner.run("BEGIN");
    await owner.run("UPDATE {schema}.runs SET status = 'completed', ended_at = 1 WHERE id = $1", [run.id]);
    return owner;
  }

  const endStreams = (owner: Connection): Promise<unknown> =>
    owner.run("SELECT {schema}.end_streams($1::bigint[])", [[run.id]]);

  test.each(["COMMIT", "ROLLBACK"])("processes that make a stream at once make one (%s)", async (end) => {
    const others = [createStreams(data.core()), createStreams(data.core())];
    const first = await inTheWay("stream");
    const appending = [streams, ...others].map((of, index) => of.append(stream, bytes(`${index}a`, `${index}b`)));
    await data.waiting(3);
    await first.run(end);
    await Promise.all(appending);
    expect(
      (await texts())
        .join(" ")
        .match(/(\d)a \1b/g)
        ?.toSorted(),
    ).toEqual(["0a 0b", "1a 1b", "2a 2b"]);
    expect(await streams.list(run.runId)).toEqual([stream.name]);
  });

  test("what one process appends stays in its order, whatever others append meanwhile", async () => {
    const other = createStreams(data.core());
    const numbers = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
    await Promise.all(
      numbers.flatMap((number) => [
        streams.append(stream, bytes(`a${number}`, "+")),
        other.append(stream, bytes(`b${number}`, "+")),
      ]),
    );
    const all = (await texts()).join("");
    expect(all).toMatch(/^(?:[ab]\d\d\+){120}$/);
    for (const process of ["a", "b"]) {
      expect(all.split("+").filter((text) => text.startsWith(process))).toEqual(numbers.map((n) => process + n));
    }
  });

  test.each([
    ["goes on with a stream", "chunks"],
    ["makes a stream", "stream"],
  ] as const)("the end of a run waits for an append that %s, which no commit does", async (_, place) => {
    if (place === "chunks") await streams.append(stream, bytes("a"));
    const obstacle = await inTheWay(place);
    const appending = streams.append(stream, bytes("b"));
    await data.waiting(1);
    const owner = await ending();
    const ended = endStreams(owner);
    await data.waiting(2);
    await obstacle.run("ROLLBACK");
    await Promise.all([appending, ended]);
    expect((await streams.info(stream)).state).toBe("open");
    await owner.run("COMMIT");
    expect(await streams.info(stream)).toMatchObject({ state: "closed" });
    expect((await texts()).at(-1)).toBe("b");
  });

  test("what was appended while a run ended that keeps nothing goes too, and no other run's", async () => {
    const kept = { runId: (await data.addRun()).runId, name: stream.name };
    await streams.append(kept, bytes("kept"));
    const obstacle = await inTheWay("stream");
    const appending = streams.append(stream, bytes("b"));
    await data.waiting(1);
    const owner = await ending();
    const ended = endStreams(owner);
    await data.waiting(2);
    await obstacle.run("ROLLBACK");
    await Promise.all([appending, ended]);
    await owner.run("SELECT {schema}.drop_chunks($1::bigint[])", [[run.id]]);
    await owner.run("COMMIT");
    await expect(streams.read(stream, { startIndex: 0 })).rejects.toMatchObject({ name: "StreamExpiredError" });
    expect(await streams.info(stream)).toEqual({ tailIndex: 0, state: "closed" });
    expect((await streams.read(kept, { startIndex: 0 })).chunks).toEqual(bytes("kept"));
  });

  test.each([["goes on with a stream"], ["makes a stream"]])(
    "an append that %s while its run ends waits for that, and is refused",
    async (title) => {
      const before = title === "makes a stream" ? [] : ["a"];
      if (before.length > 0) await streams.append(stream, bytes(...before));
      const owner = await ending();
      await endStreams(owner);
      const appending = streams.append(stream, bytes("b")).catch((error: unknown) => error);
      await data.waiting(1);
      await owner.run("COMMIT");
      expect(await appending).toMatchObject({ name: "StreamError", code: "STREAM_FAILED" });
      expect(await texts()).toEqual(before);
      expect(await streams.list(run.runId)).toEqual(before.length > 0 ? [stream.name] : []);
    },
  );

  test("a stream that is passed as a value takes what comes while its run ends", async () => {
    stream = { runId: run.runId, name: valueStreamName("1") };
    await streams.append(stream, bytes("a"));
    const owner = await ending();
    await endStreams(owner);
    const appending = streams.append(stream, bytes("b"));
    await data.waiting(1);
    await owner.run("COMMIT");
    await appending;
    expect(await texts()).toEqual(["a", "b"]);
  });

  test("whoever waits in another process is told", async () => {
    const waiting = createStreams(data.core()).wait(stream, 1);
    await streams.append(stream, bytes("a"));
    await streams.append(stream, bytes("b"));
    await expect(waiting).resolves.toBeUndefined();
  });

  test("chunks of many small rows make full pages, and large rows no more than a page", async () => {
    const other = { runId: run.runId, name: streamName(run.runId, "other") };
    await Promise.all(Array.from({ length: 1_100 }, (_, n) => streams.append(stream, bytes(String(n)))));
    const page = await streams.read(stream, { startIndex: 50 });
    expect(page.chunks).toEqual(bytes(...Array.from({ length: 1_000 }, (_, n) => String(n + 50))));
    for (let n = 0; n < 4; n += 1) await streams.append(other, [new Uint8Array(400_000).fill(n), new Uint8Array(0)]);
    const { chunks } = await streams.read(other, { startIndex: 1 });
    expect(chunks.map(({ length }) => length)).toEqual([0, 400_000, 0, 400_000, 0]);
  });

  test("chunks are sealed where there is a key, and nobody reads them without it", async () => {
    const core = data.core();
    const sealing = createStreams({ ...core, keys: readKeys(["5a".repeat(32)]) });
    const chunks = bytes(...Array.from({ length: 2_500 }, (_, n) => `a secret ${n}`));
    await sealing.append(stream, chunks);
    const page = await sealing.read(stream, { startIndex: 999, limit: 500 });
    expect(page.chunks).toEqual(chunks.slice(999, 1_499));
    const stored = await (await data.connect()).run("SELECT packed FROM {schema}.chunks");
    expect(stored).toHaveLength(3);
    for (const { packed } of stored as { packed: Buffer }[]) expect(packed.includes("secret")).toBe(false);
    await expect(streams.read(stream, { startIndex: 0 })).rejects.toMatchObject({ name: "RuntimeDecryptionError" });
  });

  test("what PostgreSQL cannot hold is not found", async () => {
    for (const runId of [`${newRunId()}\0`, "wrun_\ud800"]) {
      for (const use of [
        () => streams.append({ runId, name: stream.name }, bytes("a")),
        () => streams.read({ runId, name: stream.name }, { startIndex: 0 }),
        () => streams.info({ runId, name: stream.name }),
        () => streams.list(runId),
      ]) {
        await expect(use()).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
      }
    }
    const nowhere = { runId: run.runId, name: `${stream.name}\0` };
    expect(await streams.read(nowhere, { startIndex: 0 })).toMatchObject({ tailIndex: -1, chunks: [] });
  });
});

function bytes(...chunks: readonly string[]): readonly Uint8Array[] {
  return chunks.map((text) => new TextEncoder().encode(text));
}
