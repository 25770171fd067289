import { ulid } from "ulid";
import { SerializationError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { valueStreamName } from "../world/streams.ts";
import { record } from "./http-values.ts";
import { noting, type Outgoing } from "./outgoing.ts";
import { MOST_BODY_BYTES, readBytes } from "./read-bytes.ts";
import { type Boundary, Refused } from "./refusal.ts";
import { serialize, type WriteSignal } from "./serialize.ts";
import type { StreamData } from "./stream-values.ts";

/** A stream of this process that a payload names. It is locked from then on. */
export interface LiveStream {
  readonly name: string;
  readonly reader: ReadableStreamDefaultReader<unknown>;
}

export interface Departing {
  readonly payload: Payload;
  /** They have to flow into the World once the payload is durable, or to be released if it is not. */
  readonly streams: readonly LiveStream[];
}

export interface Leaving {
  /** The run that the payload is for. Absent where only the World knows it. */
  readonly runId?: string;
  /** As of `serialize`. */
  readonly signals?: WriteSignal | undefined;
}

/**
 * `serialize` for values that leave the host (contract 06 section 6.7). Bodies of requests and responses that nobody has
 * read are read to their end, and are part of the payload; one that never ends is waited for. Streams become streams of
 * the run that the payload is for. The value is copied at the call, or once all bodies are read: only then is the result
 * a promise.
 * @throws as `serialize`; `SerializationError` `PAYLOAD_TOO_LARGE` once bodies have more than {@link MOST_BODY_BYTES}
 *   in all; what reading a body throws.
 */
export function serializeOutgoing(value: unknown, at: Boundary, about: Leaving = {}): Departing | Promise<Departing> {
  const noted = new Noted(about.runId);
  const write = (): Departing => ({
    payload: noting(noted, () => serialize(value, at, about.signals)),
    streams: noted.streams,
  });
  const giveUp = (error: unknown): never => {
    release(noted.streams);
    throw error;
  };
  try {
    const departing = write();
    if (noted.unread.length === 0) return departing;
  } catch (error) {
    giveUp(error);
  }
  return readBodies(noted.unread, at).then(write).catch(giveUp);
}

/** Gives streams back as they were: nothing of them was read. */
export function release(streams: readonly LiveStream[]): void {
  for (const { reader } of streams) reader.releaseLock();
}

class Noted implements Outgoing {
  readonly unread: (Request | Response)[] = [];
  readonly streams: LiveStream[] = [];
  readonly #runId: string | undefined;
  #data: Map<object, StreamData> | undefined;

  constructor(runId: string | undefined) {
    this.#runId = runId;
  }

  dataOf(stream: object): StreamData | undefined {
    return this.#data?.get(stream);
  }

  note(stream: ReadableStream | WritableStream): StreamData | Refused {
    if (!("getReader" in stream)) return UNREAD;
    const name = valueStreamName(ulid());
    const data: StreamData = {
      is: "readable",
      name,
      ...(this.#runId !== undefined && { runId: this.#runId }),
      ...(isByteStream(stream) && { type: "bytes" }),
    };
    this.streams.push({ name, reader: stream.getReader() });
    this.#data ??= new Map();
    this.#data.set(stream, data);
    return data;
  }
}

const UNREAD = new Refused({
  what: "a WritableStream of this process, which nothing reads on the other side",
  hint: "Pass what getWritable() gives in a step or a workflow, and read run.getReadable() here",
});

function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

async function readBodies(messages: readonly (Request | Response)[], at: Boundary): Promise<void> {
  let left = MOST_BODY_BYTES;
  for (const message of messages) {
    if (message.bodyUsed) continue;
    const body = await readBytes(message.body, left);
    if (body.status === "too large") throw tooLarge(at);
    left -= body.bytes?.byteLength ?? 0;
    record(message, body.bytes);
  }
}

function tooLarge(at: Boundary): SerializationError {
  return new SerializationError(
    `The ${at.what} of ${at.of} cannot be serialized: the bodies of requests and responses in it have more than ` +
      `${MOST_BODY_BYTES} bytes`,
    {
      code: "PAYLOAD_TOO_LARGE",
      hint: "Store the data elsewhere (a file, a bucket, a database) and pass a reference to it",
    },
  );
}
