import { WorkflowRuntimeError } from "../world/errors.ts";
import { type Boundary, tooLarge } from "./refusal.ts";
import { deserialize, type Handles, MAX_PAYLOAD_BYTES, serialize, serializeThrown } from "./serialize.ts";

/**
 * The first byte of a stored chunk says what the others are: what a value was serialized to, a text as it is, or the bytes
 * of one of the rest.
 */
const KINDS = [
  "value",
  "text",
  "Uint8Array",
  "ArrayBuffer",
  "BigInt64Array",
  "BigUint64Array",
  "DataView",
  "Float32Array",
  "Float64Array",
  "Int16Array",
  "Int32Array",
  "Int8Array",
  "Uint16Array",
  "Uint32Array",
  "Uint8ClampedArray",
] as const;

/**
 * A chunk of a stream as it is stored (contract 09 section 9.2). Texts are stored as they are, and so are bytes, with the
 * type of their view (of a `Buffer`: `Uint8Array`); every other value as what {@link serialize} writes. Everything is
 * copied.
 * @throws `SerializationError`, as {@link serialize} does.
 */
export function encodeChunk(value: unknown, at: Boundary): Uint8Array {
  // The first byte is a character that takes one byte. UTF-8 has no halves of pairs; serialized text has.
  if (typeof value === "string" && value.isWellFormed()) return limited(Buffer.from(`\u0001${value}`), at);
  const kind = KINDS.indexOf(typeOf(value) as (typeof KINDS)[number]);
  if (kind <= 0) return Buffer.from(`\u0000${serialize(value, at)}`);
  return limited(marked(kind, bytesOf(value as ArrayBuffer | ArrayBufferView)), at);
}

/** The first byte of a chunk that says what the producer of the stream failed with. It is the last one. */
const FAILURE = 255;

/** Never throws. */
export function encodeFailure(thrown: unknown, at: Boundary): Uint8Array {
  return marked(FAILURE, Buffer.from(serializeThrown(thrown, at)));
}

/**
 * The value of a stored chunk. What is made of bytes has a buffer of its own.
 * @throws `WorkflowRuntimeError` for what is no chunk; errors of `handles` pass; what the producer failed with.
 */
export function decodeChunk(chunk: Uint8Array, handles: Handles): unknown {
  if (chunk[0] === FAILURE) throw deserialize(textDecoder.decode(chunk.subarray(1)), handles);
  const kind = KINDS[chunk[0] ?? -1];
  if (kind === undefined) throw new WorkflowRuntimeError("A stored chunk was written by a newer version. Upgrade");
  if (kind === "text") return textDecoder.decode(chunk.subarray(1));
  if (kind === "value") return deserialize(textDecoder.decode(chunk.subarray(1)), handles);
  // A slice of a Buffer would be a Buffer.
  const bytes = new Uint8Array(chunk.subarray(1));
  if (kind === "Uint8Array") return bytes;
  return kind === "ArrayBuffer" ? bytes.buffer : new (globalThis[kind] as ViewClass)(bytes.buffer);
}

type ViewClass = new (buffer: ArrayBuffer) => ArrayBufferView;

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

function marked(first: number, bytes: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(bytes.length + 1);
  chunk[0] = first;
  chunk.set(bytes, 1);
  return chunk;
}

function limited(chunk: Uint8Array, at: Boundary): Uint8Array {
  if (chunk.length - 1 > MAX_PAYLOAD_BYTES) throw tooLarge(chunk.length - 1, at);
  return chunk;
}

/** Nothing that only says that it is one. */
function typeOf(value: unknown): string {
  if (!ArrayBuffer.isView(value)) return value instanceof ArrayBuffer ? "ArrayBuffer" : "";
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}
