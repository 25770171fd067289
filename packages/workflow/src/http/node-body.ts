import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

export type NodeBody =
  /** The bytes are still to come. */
  | { readonly status: "unread" }
  /** They were read, and stand in `message` once more. */
  | { readonly status: "copied"; readonly message: IncomingMessage }
  /** They were read, and what is left of them is not what was sent. */
  | { readonly status: "consumed" };

/** What others left of the body of a message. */
export function bodyOf(message: IncomingMessage): NodeBody {
  if (!message.readableDidRead && !message.readableEnded) return { status: "unread" };
  const bytes = message.readableDidRead ? rawCopyOf(message) : new Uint8Array();
  return bytes === undefined ? { status: "consumed" } : { status: "copied", message: withBody(message, bytes) };
}

/** What body parsers leave beside their result when they are told to. It may have been decoded: then it is none. */
function rawCopyOf(message: IncomingMessage): Uint8Array | undefined {
  const { rawBody } = message as { readonly rawBody?: unknown };
  if (!(rawBody instanceof Uint8Array)) return undefined;
  const { "content-length": length = String(rawBody.byteLength) } = message.headers;
  return Number(length) === rawBody.byteLength ? rawBody : undefined;
}

function withBody({ method, url, headers, socket }: IncomingMessage, bytes: Uint8Array): IncomingMessage {
  return Object.assign(Readable.from([bytes]), { method, url, headers, socket }) as IncomingMessage;
}
