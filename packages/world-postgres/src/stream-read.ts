import {
  pageLimit,
  STREAM_PAGE_BYTES,
  StreamExpiredError,
  type StreamPage,
  type StreamStore,
  WorkflowRunNotFoundError,
} from "workflow/world";
import { type Keys, openBytes, type Pack, unpackChunks } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { infoOf, keyOf, type StreamRow } from "./stream-rows.ts";
import { isStorable } from "./texts.ts";

/** What rows hold besides the bytes of as many chunks as a page has at most, and more than that. */
const OVERHEAD_BYTES = 64 * 1024;

/** Reads a page of a stream. */
export function createReadStream({ clock, database, keys, sql }: Core): StreamStore["read"] {
  // The stream, with the rows from the one on that has the first chunk of the page to the one that has the last; fewer
  // where the bytes of those between are too many. How long a row is costs nothing to know.
  const read = sql(
    "read stream",
    `SELECT r.ended_at, s.length, s.closed, s.fed_at, c.first, c.packed, c.sealed
     FROM {schema}.runs r
     LEFT JOIN {schema}.streams s ON s.run = r.id AND s.name = $2
     CROSS JOIN LATERAL (
       SELECT CASE WHEN $3::bigint < 0 THEN greatest(s.length + $3::bigint, 0) ELSE $3::bigint END AS index) start
     LEFT JOIN LATERAL (
       SELECT f.first, f.packed, f.sealed FROM (
         SELECT k.first, k.packed, k.sealed, sum(octet_length(k.packed)) OVER before AS bytes,
           first_value(octet_length(k.packed)) OVER before AS first_bytes
         FROM {schema}.chunks k
         WHERE start.index < s.length AND k.stream = s.id AND k.first < start.index + $4::integer AND k.first >= (
           SELECT b.first FROM {schema}.chunks b
           WHERE b.stream = s.id AND b.first <= start.index ORDER BY b.first DESC LIMIT 1)
         WINDOW before AS (ORDER BY k.first ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) f
       WHERE f.bytes IS NULL OR f.bytes - f.first_bytes <= $5::bigint) c ON true
     WHERE r.run_id = $1 ORDER BY c.first`,
  );

  return async (stream, options): Promise<StreamPage> => {
    const limit = pageLimit(options);
    const { startIndex: asked } = options;
    const values = [...keyOf(stream), asked, limit, STREAM_PAGE_BYTES + OVERHEAD_BYTES];
    const rows = isStorable(stream.runId) ? await database.query<StreamRow & ChunkRow>(read, values) : [];
    const [row] = rows;
    if (row === undefined) throw new WorkflowRunNotFoundError(stream.runId);
    // The time is read after the rows: nothing was fed later than that.
    const info = infoOf(stream.name, row, clock.elapsed());
    const startIndex = asked < 0 ? Math.max(info.tailIndex + 1 + asked, 0) : asked;
    if (startIndex > info.tailIndex) return { ...info, startIndex, chunks: [] };
    const chunks = takeChunks(opened(keys, rows), startIndex, limit);
    if (chunks.length === 0) throw new StreamExpiredError(stream.runId, stream.name);
    return { ...info, startIndex, chunks };
  };
}

/** Chunks that were appended together; nulls where there are none. */
interface ChunkRow {
  readonly first: number | null;
  readonly packed: Buffer<ArrayBuffer> | null;
  readonly sealed: boolean | null;
}

/** Packs as they were appended. */
function* opened(keys: Keys, rows: readonly ChunkRow[]): Iterable<{ first: number; packed: Pack }> {
  for (const { first, packed, sealed } of rows) {
    if (first === null || packed === null) continue;
    const bytes = sealed === true ? (openBytes(packed, keys) as Pack) : packed;
    yield { first, packed: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  }
}

/** Chunks from an index on, until a page is full. */
function takeChunks(rows: Iterable<{ first: number; packed: Pack }>, from: number, limit: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (const { first, packed } of rows) {
    for (const chunk of unpackChunks(packed, Math.max(from - first, 0))) {
      bytes += chunk.length;
      if (chunks.length === limit || (bytes > STREAM_PAGE_BYTES && chunks.length > 0)) return chunks;
      chunks.push(chunk);
    }
  }
  return chunks;
}
