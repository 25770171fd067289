import { SerializationError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { record } from "./http-values.ts";
import { noting, type Outgoing } from "./outgoing.ts";
import { MOST_BODY_BYTES, readBytes } from "./read-bytes.ts";
import type { Boundary } from "./refusal.ts";
import { serialize } from "./serialize.ts";

/**
 * `serialize` for values that leave the host: bodies of requests and responses that nobody has read are read to their
 * end, and are part of the payload (contract 06 section 6.7). The value is copied at the call, or once all bodies are
 * read; a body that never ends is waited for.
 * @throws as `serialize`; `SerializationError` `PAYLOAD_TOO_LARGE` once bodies have more than {@link MOST_BODY_BYTES}
 *   in all; what reading a body throws.
 */
export async function serializeOutgoing(value: unknown, at: Boundary): Promise<Payload> {
  const outgoing: Outgoing = { unread: [] };
  const payload = noting(outgoing, () => serialize(value, at));
  if (outgoing.unread.length === 0) return payload;
  await readBodies(outgoing.unread, at);
  return serialize(value, at);
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
