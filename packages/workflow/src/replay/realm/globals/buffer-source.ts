/** What web interfaces call a BufferSource: an ArrayBuffer or a view of one. */
import { uncurry } from "./intrinsics.ts";

const byteLengthOf = uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!);

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    byteLengthOf(value);
    return true;
  } catch {
    return false;
  }
}

/** The bytes themselves, not a copy; undefined when `value` is no BufferSource. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isArrayBuffer(value)) return new Uint8Array(value);
  if (value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}
