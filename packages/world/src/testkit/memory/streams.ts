import {
  isEnded,
  isRunStream,
  pageLimit,
  requireStreamName,
  StreamExpiredError,
  STREAM_PAGE_BYTES,
  STREAM_PATIENCE_MS,
  streamOver,
  type Hint,
  type StreamAddress,
  type StreamEnd,
  type StreamInfo,
  type StreamStore,
} from "workflow/world";
import { untilTold } from "./hints.ts";
import { rowOf } from "./reads.ts";
import type { StreamRow, Tables } from "./tables.ts";
import type { Core } from "./world.ts";

const DEFAULT_WAIT_MS = 50_000;

export function streamStore(core: Core): StreamStore {
  const { tables, clock, hints, method } = core;
  const info = (stream: StreamAddress): StreamInfo => infoOf(tables, stream, clock.elapsed());
  return {
    append: method((stream, chunks, { close = false } = {}) => {
      requireStreamName(stream.name);
      const end = endOf(tables, stream, clock.elapsed());
      if (end !== undefined) {
        if (close && chunks.length === 0 && end !== "abandoned") return;
        throw streamOver(stream, end);
      }
      const row = find(tables, stream) ?? begin(tables, stream);
      row.chunks.push(...chunks.map((chunk) => chunk.slice()));
      row.closed = close;
      row.fedAt = clock.elapsed();
      if (close || chunks.length > 0) hints.tell({ kind: "streamed", runId: stream.runId, name: stream.name });
    }),
    read: method((stream, options) => {
      const limit = pageLimit(options);
      const { tailIndex, state } = info(stream);
      const { startIndex: asked } = options;
      const startIndex = asked < 0 ? Math.max(tailIndex + 1 + asked, 0) : asked;
      const row = find(tables, stream);
      const rest = row?.chunks.slice(startIndex, startIndex + limit) ?? [];
      if (row?.expired === true && rest.length > 0) throw new StreamExpiredError(stream.runId, stream.name);
      return { tailIndex, state, startIndex, chunks: onePage(rest) };
    }),
    wait: waitOf(core),
    info: method(info),
    list: method((runId) => {
      rowOf(tables, runId);
      return tables.streams.filter((row) => row.runId === runId).map(({ name }) => name);
    }),
  };
}

function find(tables: Tables, { runId, name }: StreamAddress): StreamRow | undefined {
  return tables.streams.find((row) => row.runId === runId && row.name === name);
}

function begin(tables: Tables, { runId, name }: StreamAddress): StreamRow {
  const row: StreamRow = { runId, name, chunks: [], closed: false, expired: false, fedAt: 0 };
  tables.streams.push(row);
  return row;
}

/** Why a stream is over; undefined while it is open. */
function endOf(tables: Tables, stream: StreamAddress, elapsed: number): StreamEnd | undefined {
  const hasEnded = isEnded(rowOf(tables, stream.runId).entities.run);
  const row = find(tables, stream);
  if (row?.closed === true) return "closed";
  if (isRunStream(stream.name)) return hasEnded ? "run ended" : undefined;
  // Whoever is to feed it may begin after its run has ended.
  if (row === undefined) return undefined;
  return elapsed - row.fedAt > STREAM_PATIENCE_MS ? "abandoned" : undefined;
}

function infoOf(tables: Tables, stream: StreamAddress, elapsed: number): StreamInfo {
  const end = endOf(tables, stream, elapsed);
  const state = end === undefined ? "open" : end === "abandoned" ? "abandoned" : "closed";
  return { tailIndex: (find(tables, stream)?.chunks.length ?? 0) - 1, state };
}

/** As many as a page holds, at least one. */
function onePage(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  const tooMany = chunks.findIndex((chunk, index) => (bytes += chunk.length) > STREAM_PAGE_BYTES && index > 0);
  return tooMany === -1 ? chunks : chunks.slice(0, tooMany);
}

function waitOf({ tables, clock, hints, closing, method }: Core): StreamStore["wait"] {
  return async (stream, index, { timeoutMs = DEFAULT_WAIT_MS, signal } = {}) => {
    const met = (hint: Hint): boolean =>
      (hint.kind === "ended" || hint.kind === "streamed") && hint.runId === stream.runId;
    const interruption = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
    const until = clock.elapsed() + timeoutMs;
    /** Looks and begins to listen in one go; undefined when the wait is over. */
    const look = method(() => {
      const now = clock.elapsed();
      const { tailIndex, state } = infoOf(tables, stream, now);
      if (tailIndex >= index || state !== "open" || signal?.aborted === true || now >= until) return undefined;
      const left = Math.min(until - now, untilAbandoned(find(tables, stream), now));
      return { told: untilTold(hints, clock, { met, timeoutMs: left, signal: interruption }) };
    });
    for (let next = await look(); next !== undefined; next = await look()) await next.told;
  };
}

/** How long until a stream can be abandoned, in milliseconds. */
function untilAbandoned(row: StreamRow | undefined, elapsed: number): number {
  if (row === undefined || isRunStream(row.name)) return Number.POSITIVE_INFINITY;
  return Math.max(row.fedAt + STREAM_PATIENCE_MS - elapsed, 0) + 1;
}
