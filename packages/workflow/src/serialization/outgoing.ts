/**
 * What a payload needs besides its text. Serialization is synchronous; on the host it notes here what takes time, for
 * {@link serializeOutgoing}. In the realm there is nothing to note: bodies are bytes there.
 */
export interface Outgoing {
  /** Requests and responses whose bodies are not read yet. */
  readonly unread: (Request | Response)[];
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
