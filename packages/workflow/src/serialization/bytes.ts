import { decodeBase64, encodeBase64 } from "./base64.ts";
import { MAX_PAYLOAD_BYTES } from "./limits.ts";
import { OVERSIZE, Refused } from "./refusal.ts";

export interface BufferData {
  readonly is: "buffer";
  readonly base64: string;
}

export interface ViewData {
  readonly is: "view";
  readonly type: string;
  readonly buffer: ArrayBufferLike;
}

const VIEW_TYPES: ReadonlySet<string> = new Set([
  "BigInt64Array",
  "BigUint64Array",
  "DataView",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "Int16Array",
  "Int32Array",
  "Int8Array",
  "Uint16Array",
  "Uint32Array",
  "Uint8Array",
  "Uint8ClampedArray",
]);

/** Does not begin with bytes that cannot fit. */
export function encodeBuffer(buffer: ArrayBuffer): BufferData | Refused {
  if ((buffer.byteLength / 3) * 4 > MAX_PAYLOAD_BYTES) {
    return new Refused({ ...OVERSIZE, what: `${buffer.byteLength} bytes, and base64 makes them a third more` });
  }
  return { is: "buffer", base64: encodeBase64(buffer) };
}

/**
 * A view that covers its buffer keeps it, and shares it with the others that do; any other takes its own bytes
 * only, so that nothing else from the buffer (Node's `Buffer` pool) leaks.
 */
export function encodeView(view: ArrayBufferView, type: string): ViewData {
  const { buffer, byteOffset, byteLength } = view;
  const whole = byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
  return { is: "view", type, buffer: whole ? buffer : new Uint8Array(buffer, byteOffset, byteLength).slice().buffer };
}

export function reviveBuffer(data: BufferData): ArrayBuffer {
  if (typeof data.base64 !== "string") throw new Error("bytes are not text");
  return decodeBase64(data.base64);
}

export function reviveView(data: ViewData): ArrayBufferView {
  // A number in the place of the buffer would allocate as much.
  if (!VIEW_TYPES.has(data.type) || !(data.buffer instanceof ArrayBuffer)) throw new Error("a view has no bytes");
  const View = (globalThis as unknown as Record<string, (new (buffer: ArrayBuffer) => ArrayBufferView) | undefined>)[
    data.type
  ];
  if (View === undefined) throw new Error(`there is no ${data.type} here`);
  return new View(data.buffer);
}
