import type { DatabaseSync } from "node:sqlite";
import {
  isRunStream,
  STREAM_PATIENCE_MS,
  type StreamAddress,
  type StreamEnd,
  type StreamInfo,
} from "../world/streams.ts";

/** What the file says of a stream. Of one that was never appended to, `id` is null. */
export interface StreamRow {
  readonly run: number;
  readonly ended_at: number | null;
  readonly id: number | null;
  readonly length: number | null;
  readonly closed: number | null;
  readonly fed_at: number | null;
}

/** Finds a stream of a run; undefined when there is no such run. */
export function prepareFindStream(db: DatabaseSync): (stream: StreamAddress) => StreamRow | undefined {
  const find = db.prepare(`
    SELECT r.id AS run, r.ended_at, s.id, s.length, s.closed, s.fed_at
    FROM runs r LEFT JOIN streams s ON s.run = r.id AND s.name = :name WHERE r.run_id = :runId`);
  return ({ runId, name }) => find.get({ runId, name }) as unknown as StreamRow | undefined;
}

/** Why a stream is over; undefined while it is open. `elapsed`: now, by the clock that nobody sets. */
export function endOf(name: string, row: StreamRow, elapsed: number): StreamEnd | undefined {
  if (row.closed === 1) return "closed";
  if (isRunStream(name)) return row.ended_at === null ? undefined : "run ended";
  // Whoever is to feed it may begin after its run has ended.
  if (row.fed_at === null) return undefined;
  return silenceOf(row.fed_at, elapsed) > STREAM_PATIENCE_MS ? "abandoned" : undefined;
}

/**
 * For how long nothing was heard of who feeds a stream. Processes read the time and write in different orders, so it may
 * have been fed a moment after `elapsed`; much later than that, the machine has started again since.
 */
function silenceOf(fedAt: number, elapsed: number): number {
  return Math.abs(elapsed - fedAt);
}

/** How long until a stream that is open counts as abandoned if nothing is heard of it, in milliseconds. */
export function untilAbandoned(name: string, { fed_at: fedAt }: StreamRow, elapsed: number): number {
  if (fedAt === null || isRunStream(name)) return Number.POSITIVE_INFINITY;
  return Math.max(fedAt + STREAM_PATIENCE_MS - elapsed, 0) + 1;
}

export function infoOf(name: string, row: StreamRow, elapsed: number): StreamInfo {
  const end = endOf(name, row, elapsed);
  const state = end === undefined ? "open" : end === "abandoned" ? "abandoned" : "closed";
  return { tailIndex: (row.length ?? 0) - 1, state };
}

const INDEX_BITS = 32;

/** The longest stream, in chunks. */
export const MOST_CHUNKS: number = 2 ** INDEX_BITS - 1;

/** SQL for the key of a row of chunks, from SQL for the stream's key and for the index of the first chunk. */
export function chunkKeySql(stream: string, index: string): string {
  return `((${stream} << ${INDEX_BITS}) | ${index})`;
}

/** SQL for the index of the first chunk of a row, from SQL for the row's key. */
export function chunkIndexSql(key: string): string {
  return `(${key} & ${MOST_CHUNKS})`;
}
