/**
 * Streams as values: their names. What flows is beside the history, in the World (contract 06 section 6.7). The same code
 * on both sides of the wall; workflow code has handles in their place.
 */
import { currentOutgoing } from "./outgoing.ts";
import { Refused } from "./refusal.ts";

interface Named {
  /** Absent in the payload of a hook: the run that gets it. */
  readonly runId?: string;
  /** Absent: the run's own stream of this namespace. */
  readonly name?: string;
  /** Absent: the default stream. */
  readonly namespace?: string;
}

export interface ReadableData extends Named {
  readonly is: "readable";
  /** Its chunks are bytes, without borders that mean anything. */
  readonly type?: "bytes";
  /** The chunk that its reader gets first. Default 0. */
  readonly startIndex?: number;
}

export interface WritableData extends Named {
  readonly is: "writable";
}

export type StreamData = ReadableData | WritableData;

/** What stands on a stream or handle that is in a World already: says what to write in its place. */
const STREAM: unique symbol = Symbol.for("workflow.stream");

interface Stream {
  readonly [STREAM]?: () => StreamData;
  readonly locked?: unknown;
}

/** Makes `stream` stand for a stream of a run. */
export function nameStream<T extends object>(stream: T, data: () => StreamData): T {
  return Object.defineProperty(stream, STREAM, { value: data });
}

/** Undefined for what is no stream. `tag`: what the value says it is. */
export function encodeStream(value: object, tag: string): StreamData | Refused | undefined {
  if (tag !== "ReadableStream" && tag !== "WritableStream") return undefined;
  const stream = value as Stream;
  const known = currentOutgoing()?.dataOf(value);
  if (known !== undefined) return known;
  if (stream.locked === true) {
    return new Refused({
      what: `a ${tag} that is locked`,
      hint: `Call releaseLock() on its ${tag === "ReadableStream" ? "reader" : "writer"} before you pass it on`,
    });
  }
  return stream[STREAM]?.() ?? currentOutgoing()?.note(value as ReadableStream | WritableStream);
}

/** @throws `Error` for data that {@link encodeStream} does not write. */
export function checkStream(data: StreamData): StreamData {
  const { name, namespace, runId } = data;
  for (const text of [name, namespace, runId]) {
    if (text !== undefined && typeof text !== "string") throw new Error("the name of a stream is not text");
  }
  const { type, startIndex } = data as ReadableData;
  if (type !== undefined && type !== "bytes") throw new Error("a stream is of an unknown type");
  if (startIndex !== undefined && !Number.isSafeInteger(startIndex)) throw new Error("a stream starts nowhere");
  return data;
}
