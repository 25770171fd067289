import { type LiveStream, release } from "../serialization/serialize-outgoing.ts";
import { SerializationError } from "../world/errors.ts";
import type { WithinTransaction } from "../world/world.ts";

/**
 * Streams flow once the run that they are for is stored, and a transaction of the caller may never come to that. What is
 * refused is given back.
 * @throws `SerializationError`
 */
export function requireNoStreams(streams: readonly LiveStream[], { tx }: WithinTransaction, what: string): void {
  if (tx === undefined || streams.length === 0) return;
  release(streams);
  throw new SerializationError(`${what} cannot be part of a transaction: it was given a stream`, {
    hint: "Leave `tx` out, or read the stream first and pass its content",
  });
}
