import type { Refused } from "./refusal.ts";
import type { StreamData } from "./stream-values.ts";

/**
 * What a payload needs besides its text. Serialization is synchronous; on the host it notes here what takes time, for
 * `serializeOutgoing`. In the realm there is nothing to note: bodies are bytes there, and streams are handles.
 */
export interface Outgoing {
  /** Requests and responses whose bodies are not read yet. */
  readonly unread: (Request | Response)[];
  /** What was written for a stream that was noted before. */
  dataOf(stream: object): StreamData | undefined;
  /** A stream of this process that has to flow into a World, or out of it. */
  note(stream: ReadableStream | WritableStream): StreamData | Refused;
}

let current: Outgoing | undefined;

/** Calls `write`; what it serializes is noted in `outgoing`. */
export function noting<T>(outgoing: Outgoing, write: () => T): T {
  const before = current;
  current = outgoing;
  try {
    return write();
  } finally {
    current = before;
  }
}

/** Undefined where nobody could do anything about it. */
export function currentOutgoing(): Outgoing | undefined {
  return current;
}
