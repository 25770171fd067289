import type { DatabaseSync } from "node:sqlite";
import type { Keys } from "../payloads/keys.ts";
import { openBytes } from "../payloads/seal.ts";
import { StreamExpiredError } from "../world/reserved-errors.ts";
import { WorkflowRunNotFoundError } from "../world/errors.ts";
import {
  pageLimit,
  requireStreamName,
  STREAM_PAGE_BYTES,
  type StreamAddress,
  streamOver,
  type StreamPage,
  type StreamStore,
} from "../world/streams.ts";
import type { Core } from "./core.ts";
import { type Pack, pack, unpack } from "../world-parts/packs.ts";
import {
  chunkIndexSql,
  chunkKeySql,
  infoOf,
  MOST_CHUNKS,
  prepareFindStream,
  type StreamRow,
  untilAbandoned,
} from "./stream-rows.ts";
import { watch } from "../world-parts/watch.ts";

const DEFAULT_WAIT_MS = 50_000;

/** Streams, their writers and their readers, in whichever processes they are. */
export function createStreams(core: Core, db: DatabaseSync, keys: Keys, poll: boolean): StreamStore {
  const { clock, method } = core;
  const find = prepareFindStream(db);
  const rowOf = (stream: StreamAddress): StreamRow => {
    const row = find(stream);
    if (row === undefined) throw new WorkflowRunNotFoundError(stream.runId);
    return row;
  };
  const list = prepareListStreams(db);

  return {
    append: method(async (stream, chunks, { close = false } = {}) => {
      requireStreamName(stream.name);
      const request = { ...stream, packs: pack(chunks), close, elapsed: clock.elapsed() };
      const appended = await core.writer.request({ kind: "append", ...request });
      if (appended.status === "nowhere") throw new WorkflowRunNotFoundError(stream.runId);
      if (appended.status === "over") throw streamOver(stream, appended.end);
      if (close || chunks.length > 0) core.hints.streamed(stream);
    }),
    read: method(prepareReadStream(db, keys, clock, rowOf)),
    wait: createWait(core, rowOf, poll),
    // The time is read after the row: nothing was fed later than that.
    info: method((stream) => {
      const row = rowOf(stream);
      return infoOf(stream.name, row, clock.elapsed());
    }),
    list: method((runId) => {
      const { run } = rowOf({ runId, name: "" });
      return list(run);
    }),
  };
}

function prepareListStreams(db: DatabaseSync): (run: number) => readonly string[] {
  const names = db.prepare("SELECT name FROM streams WHERE run = ? ORDER BY id");
  return (run) => names.all(run).map((row) => String(row["name"]));
}

function prepareReadStream(
  db: DatabaseSync,
  keys: Keys,
  clock: Core["clock"],
  rowOf: (stream: StreamAddress) => StreamRow,
): (stream: StreamAddress, options: { readonly startIndex: number; readonly limit?: number }) => StreamPage {
  // From the row on that has the chunk.
  const rows = db.prepare(`
    SELECT ${chunkIndexSql("id")} AS first, packed, sealed FROM chunks WHERE id BETWEEN
      (SELECT id FROM chunks WHERE id BETWEEN ${chunkKeySql(":stream", "0")} AND ${chunkKeySql(":stream", ":index")}
       ORDER BY id DESC LIMIT 1) AND ${chunkKeySql(":stream", ":tail")} ORDER BY id`);

  return (stream, options) => {
    const limit = pageLimit(options);
    const row = rowOf(stream);
    const info = infoOf(stream.name, row, clock.elapsed());
    const { startIndex: asked } = options;
    const startIndex = asked < 0 ? Math.max(info.tailIndex + 1 + asked, 0) : asked;
    if (row.id === null || startIndex > info.tailIndex) return { ...info, startIndex, chunks: [] };
    const bounds = { stream: row.id, index: Math.min(startIndex, MOST_CHUNKS), tail: info.tailIndex };
    const found = opened(keys, rows.iterate(bounds) as Iterable<unknown> as Iterable<Row>);
    const chunks = takeChunks(found, startIndex, limit);
    if (chunks.length === 0) throw new StreamExpiredError(stream.runId, stream.name);
    return { ...info, startIndex, chunks };
  };
}

interface Row {
  readonly first: number;
  readonly packed: Pack;
  readonly sealed: number;
}

/** Packs as they were appended. */
function* opened(keys: Keys, rows: Iterable<Row>): Iterable<{ first: number; packed: Pack }> {
  for (const { first, packed, sealed } of rows)
    yield { first, packed: sealed === 1 ? (openBytes(packed, keys) as Pack) : packed };
}

/** Chunks from an index on, until a page is full. */
function takeChunks(rows: Iterable<{ first: number; packed: Pack }>, from: number, limit: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (const { first, packed } of rows) {
    for (const chunk of unpack(packed, Math.max(from - first, 0))) {
      bytes += chunk.length;
      if (chunks.length === limit || (bytes > STREAM_PAGE_BYTES && chunks.length > 0)) return chunks;
      chunks.push(chunk);
    }
  }
  return chunks;
}

function createWait(core: Core, rowOf: (stream: StreamAddress) => StreamRow, poll: boolean): StreamStore["wait"] {
  const { clock, hints, closing, method } = core;
  return method(async (stream, index, { timeoutMs = DEFAULT_WAIT_MS, signal } = {}) => {
    const isOver = (): boolean => {
      const { tailIndex, state } = infoOf(stream.name, rowOf(stream), clock.elapsed());
      return tailIndex >= index || state !== "open";
    };
    const listen = (listener: () => void): (() => void) => {
      const stops = [hints.onStream(stream, listener), hints.onEnd(stream.runId, listener)];
      return () => stops.forEach((stop) => stop());
    };
    const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
    const until = clock.elapsed() + timeoutMs;
    for (;;) {
      // Nobody tells that a stream was abandoned: it is looked for when that can be.
      const silence = untilAbandoned(stream.name, rowOf(stream), clock.elapsed());
      const left = Math.min(until - clock.elapsed(), silence);
      // Listening begins before reading, so that nothing falls between the two.
      const watching = watch(clock, poll, { timeoutMs: left, signals, listen, isOver });
      try {
        if (!isOver()) await watching.over;
        if (await method(isOver)()) return;
      } finally {
        watching.stop();
      }
      if (signal?.aborted === true || clock.elapsed() >= until) return;
    }
  });
}
