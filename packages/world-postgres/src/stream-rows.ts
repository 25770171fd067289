import {
  isRunStream,
  STREAM_PATIENCE_MS,
  type StreamAddress,
  type StreamEnd,
  type StreamInfo,
  WorkflowRunNotFoundError,
} from "workflow/world";
import type { Core } from "./core.ts";
import { isStorable } from "./texts.ts";

/** What the database says of a stream. Of one that was never appended to, `length`, `closed` and `fed_at` are null. */
export interface StreamRow {
  readonly ended_at: number | null;
  readonly length: number | null;
  readonly closed: boolean | null;
  readonly fed_at: number | null;
}

/** Finds a stream of a run. @throws `WorkflowRunNotFoundError` */
export function prepareFindStream({ sql, database }: Core): (stream: StreamAddress) => Promise<StreamRow> {
  const find = sql(
    "find stream",
    `SELECT r.ended_at, s.length, s.closed, s.fed_at
     FROM {schema}.runs r LEFT JOIN {schema}.streams s ON s.run = r.id AND s.name = $2 WHERE r.run_id = $1`,
  );
  return async (stream) => {
    const [row] = isStorable(stream.runId) ? await database.query<StreamRow>(find, keyOf(stream)) : [];
    if (row === undefined) throw new WorkflowRunNotFoundError(stream.runId);
    return row;
  };
}

/** The values by which a stream is found. No stream has the name null. */
export function keyOf({ runId, name }: StreamAddress): readonly [runId: string, name: string | null] {
  return [runId, isStorable(name) ? name : null];
}

/** Why a stream is over; undefined while it is open. `elapsed`: now, by the clock that nobody sets. */
function endOf(name: string, row: StreamRow, elapsed: number): StreamEnd | undefined {
  if (row.closed === true) return "closed";
  if (isRunStream(name)) return row.ended_at === null ? undefined : "run ended";
  // Whoever is to feed it may begin after its run has ended.
  if (row.fed_at === null) return undefined;
  return silenceOf(row.fed_at, elapsed) > STREAM_PATIENCE_MS ? "abandoned" : undefined;
}

/**
 * For how long nothing was heard of who feeds a stream. Processes read the time and write in different orders, so it may
 * have been fed a moment after `elapsed`; much later than that, the time has begun anew since.
 */
function silenceOf(fedAt: number, elapsed: number): number {
  return Math.abs(elapsed - fedAt);
}

/** How long until a passed stream that is open counts as abandoned if nothing is heard of it, in milliseconds. */
export function untilAbandoned({ fed_at: fedAt }: StreamRow, elapsed: number): number {
  if (fedAt === null) return Infinity;
  return Math.max(fedAt + STREAM_PATIENCE_MS - elapsed, 0) + 1;
}

export function infoOf(name: string, row: StreamRow, elapsed: number): StreamInfo {
  const end = endOf(name, row, elapsed);
  const state = end === undefined ? "open" : end === "abandoned" ? "abandoned" : "closed";
  return { tailIndex: (row.length ?? 0) - 1, state };
}
