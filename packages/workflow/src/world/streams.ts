import { WorkflowError, WorkflowWorldError } from "./errors.ts";
import { StreamError } from "./reserved-errors.ts";

/**
 * Streams of runs: chunks in order, beside the history (contract 09). Chunks are opaque here; `serialization/` makes and
 * revives them.
 */
export interface StreamStore {
  /**
   * Appends chunks, in their order and with no others between them; the first call makes the stream. `close`: nothing
   * can be appended after them. Without chunks and `close`, it says that the writer is still there
   * ({@link STREAM_PATIENCE_MS}). Closing a stream that is closed, without chunks, changes nothing. Resolves once it is
   * durable.
   * @throws `WorkflowRunNotFoundError`; `StreamError` when the stream is over; `WorkflowWorldError` `INVALID_ARGUMENT`
   *   for a name that no stream can have. Nothing is written then.
   */
  append(stream: StreamAddress, chunks: readonly Uint8Array[], options?: { readonly close?: boolean }): Promise<void>;
  /**
   * What is there from an index on, at most `limit` chunks and about {@link STREAM_PAGE_BYTES}; a negative `startIndex`
   * counts from the end (-1 is the last chunk), clamped to the first. `limit`: 1 to {@link STREAM_PAGE_CHUNKS}, which is
   * the default.
   * @throws `WorkflowRunNotFoundError`; `WorkflowWorldError` `INVALID_ARGUMENT`; `StreamExpiredError` for chunks of a
   *   run that keeps no data after its end.
   */
  read(stream: StreamAddress, options: { readonly startIndex: number; readonly limit?: number }): Promise<StreamPage>;
  /**
   * Resolves when the stream has a chunk at the index or is over, after `timeoutMs` (default 50000), or when `signal`
   * aborts. Told by hints; what was lost is found by looking from time to time.
   * @throws `WorkflowRunNotFoundError`
   */
  wait(
    stream: StreamAddress,
    index: number,
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** @throws `WorkflowRunNotFoundError` */
  info(stream: StreamAddress): Promise<StreamInfo>;
  /** The names of the streams of a run, in the order in which they were made. @throws `WorkflowRunNotFoundError` */
  list(runId: string): Promise<readonly string[]>;
}

/** A stream of a run. */
export interface StreamAddress {
  readonly runId: string;
  /** {@link streamName}, or {@link valueStreamName}. */
  readonly name: string;
}

export interface StreamInfo {
  /** Of the last chunk; -1 when there is none. */
  readonly tailIndex: number;
  readonly state: StreamState;
}

/**
 * `open`: more may come. `closed`: by a writer, or because its run has ended. `abandoned`: whoever fed it has not been
 * heard of for {@link STREAM_PATIENCE_MS}. A stream that is not open is over.
 */
export type StreamState = "open" | "closed" | "abandoned";

export interface StreamPage extends StreamInfo {
  /** The index of the first of `chunks`, or of the chunk that would come next. */
  readonly startIndex: number;
  readonly chunks: readonly Uint8Array[];
}

/** Chunks of one page: at most so many bytes, or one chunk. */
export const STREAM_PAGE_BYTES: number = 1024 * 1024;
/** And at most so many chunks. */
export const STREAM_PAGE_CHUNKS = 1_000;

/**
 * A stream that was passed as a value is fed by one process, which says that it is there at least three times as often
 * as this, in milliseconds. Before it has said so once, the stream is `open` and not in the list of its run.
 */
export const STREAM_PATIENCE_MS = 30_000;

const RUN_STREAM = "user";
const VALUE_STREAM = "value";

/** The stream of a run that `getWritable({ namespace })` writes to. It ends with its run. */
export function streamName(runId: string, namespace?: string): string {
  const base = `strm_${runId.slice(runId.indexOf("_") + 1)}_${RUN_STREAM}`;
  return namespace === undefined ? base : `${base}_${Buffer.from(namespace).toString("base64url")}`;
}

const RUN_STREAM_NAME = /^strm_[^_]+_user(?:_(.*))?$/;

/** The namespace of a run's own stream; undefined for its default stream; null for other streams. */
export function namespaceOf(name: string): string | undefined | null {
  const match = RUN_STREAM_NAME.exec(name);
  if (match === null) return null;
  return match[1] === undefined ? undefined : Buffer.from(match[1], "base64url").toString();
}

/** A stream that was passed as a value. It ends when whoever feeds it says so, or is gone. `id`: unique. */
export function valueStreamName(id: string): string {
  return `strm_${id}_${VALUE_STREAM}`;
}

/** Whether it ends with its run, and not with the process that feeds it. */
export function isRunStream(name: string): boolean {
  return namespaceOf(name) !== null;
}

const STREAM_NAME = /^strm_[\w-]+$/;

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` for what is not the name of a stream. */
export function requireStreamName(name: string): void {
  if (!STREAM_NAME.test(name)) throw invalid("name", `${JSON.stringify(name)} is not the name of a stream`);
}

/** The longest namespace, in characters. */
export const LONGEST_NAMESPACE = 256;

/** @throws `WorkflowError` `INVALID_ARGUMENT` for what no stream of a run can be called. */
export function requireNamespace(namespace: unknown): void {
  if (namespace === undefined) return;
  if (typeof namespace === "string" && namespace.isWellFormed() && namespace.length <= LONGEST_NAMESPACE) return;
  throw new WorkflowError(
    "INVALID_ARGUMENT",
    `The namespace of a stream is a text of at most ${LONGEST_NAMESPACE} characters. Leave it out for the default stream`,
  );
}

/** @throws `WorkflowError` `INVALID_ARGUMENT` for what is not the index of a chunk, counted from either end. */
export function requireStartIndex(startIndex: unknown): void {
  if (Number.isSafeInteger(startIndex)) return;
  throw new WorkflowError("INVALID_ARGUMENT", `startIndex is a whole number, not ${String(startIndex)}`);
}

/** How many chunks to read. @throws `WorkflowWorldError` `INVALID_ARGUMENT` */
export function pageLimit(options: { readonly startIndex: number; readonly limit?: number }): number {
  const { startIndex, limit = STREAM_PAGE_CHUNKS } = options;
  if (!Number.isSafeInteger(startIndex)) throw invalid("startIndex", `startIndex is a whole number, not ${startIndex}`);
  if (!Number.isInteger(limit) || limit < 1 || limit > STREAM_PAGE_CHUNKS) {
    throw invalid("limit", `limit is a whole number from 1 to ${STREAM_PAGE_CHUNKS}, not ${limit}`);
  }
  return limit;
}

function invalid(field: string, message: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", message, { field });
}

/** Why nothing more can be appended to a stream. */
export type StreamEnd = "closed" | "run ended" | "abandoned";

/** What appending to a stream that is over throws. */
export function streamOver({ runId, name }: StreamAddress, end: StreamEnd): StreamError {
  return new StreamError(`${describeStream(runId, name)} takes nothing any more: ${WHY_OVER[end]}`);
}

/** What reading a stream that was abandoned throws. */
export function streamAbandoned({ runId, name }: StreamAddress): StreamError {
  return new StreamError(`${describeStream(runId, name)} ends in the middle: ${WHY_OVER.abandoned}`);
}

const WHY_OVER: Readonly<Record<StreamEnd, string>> = {
  closed: "somebody has closed it, for all writers. Close a stream only after the last chunk of all, or not at all",
  "run ended": "its run has ended",
  abandoned:
    `nothing was heard of the process that fed it for ${STREAM_PATIENCE_MS / 1000} seconds. Look for a process that ` +
    "was killed, and do again what made the stream",
};

function describeStream(runId: string, name: string): string {
  const namespace = namespaceOf(name);
  if (namespace === null) return `The stream ${name} of run ${runId}`;
  return namespace === undefined
    ? `The stream of run ${runId}`
    : `The stream ${JSON.stringify(namespace)} of run ${runId}`;
}
