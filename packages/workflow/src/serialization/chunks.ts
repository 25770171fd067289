import { WorkflowRuntimeError } from "../world/errors.ts";
import { type Boundary, tooLarge } from "./refusal.ts";
import { deserialize, type Handles, MAX_PAYLOAD_BYTES, serialize } from "./serialize.ts";

/** The first byte of a stored chunk says what the others are: text of a value, or the bytes of one of these. */
const VALUE = 0;
const KINDS = [
  "value",
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
 * A chunk of a stream as it is stored (contract 09 section 9.2). Bytes are stored as they are, with the type of their
 * view (of a `Buffer`: `Uint8Array`); every other value as what {@link serialize} writes. Everything is copied.
 * @throws `SerializationError`, as {@link serialize} does.
 */
export function encodeChunk(value: unknown, at: Boundary): Uint8Array {
  const kind = KINDS.indexOf(typeOf(value) as (typeof KINDS)[number]);
  if (kind <= VALUE) return marked(VALUE, Buffer.from(serialize(value, at)));
  const bytes = bytesOf(value as ArrayBuffer | ArrayBufferView);
  if (bytes.length > MAX_PAYLOAD_BYTES) throw tooLarge(bytes.length, at);
  return marked(kind, bytes);
}

/**
 * The value of a stored chunk. What is made of bytes has a buffer of its own.
 * @throws `WorkflowRuntimeError` for what is no chunk; errors of `handles` pass.
 */
export function decodeChunk(chunk: Uint8Array, handles: Handles): unknown {
  const kind = KINDS[chunk[0] ?? -1];
  if (kind === undefined) throw new WorkflowRuntimeError("A stored chunk was written by a newer version. Upgrade");
  if (kind === "value") return deserialize(textDecoder.decode(chunk.subarray(1)), handles);
  // A slice of a Buffer would be a Buffer.
  const bytes = new Uint8Array(chunk.subarray(1));
  if (kind === "Uint8Array") return bytes;
  return kind === "ArrayBuffer" ? bytes.buffer : new (globalThis[kind] as ViewClass)(bytes.buffer);
}

type ViewClass = new (buffer: ArrayBuffer) => ArrayBufferView;

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

function marked(kind: number, bytes: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(bytes.length + 1);
  chunk[0] = kind;
  chunk.set(bytes, 1);
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
