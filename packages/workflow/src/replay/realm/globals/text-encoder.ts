import { typedArrayName } from "./intrinsics.ts";
import { encodeUtf8, encodeUtf8Into } from "./utf8.ts";

export class TextEncoder {
  get encoding(): "utf-8" {
    return "utf-8";
  }

  encode(text: unknown = ""): Uint8Array<ArrayBuffer> {
    return encodeUtf8(String(text));
  }

  /** @throws TypeError when `target` is not a Uint8Array */
  encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
    if (typedArrayName(target) !== "Uint8Array") {
      throw new TypeError("TextEncoder.encodeInto: the second argument must be a Uint8Array");
    }
    return encodeUtf8Into(String(text), target);
  }

  get [Symbol.toStringTag](): string {
    return "TextEncoder";
  }
}
