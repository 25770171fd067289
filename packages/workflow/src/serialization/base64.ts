/**
 * Base64, the same to the byte on both sides of the wall. A bare realm has neither `btoa` nor `Buffer`, so there it is
 * plain JavaScript; on the host that would hold the event loop for a tenth of a second with each 10 MB.
 */
const native = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const INVALID = 255;
/** Bytes turned into text at once: a multiple of 3 that makes no more characters than a call takes arguments. */
const CHUNK = 6144;

const CODE_OF = Uint8Array.from(ALPHABET, (char) => char.charCodeAt(0));
const SEXTET_OF = new Uint8Array(256).fill(INVALID);
CODE_OF.forEach((code, sextet) => (SEXTET_OF[code] = sextet));

export function encodeBase64(buffer: ArrayBuffer): string {
  return native === undefined ? encodePlainly(buffer) : native.from(buffer).toString("base64");
}

function encodePlainly(buffer: ArrayBuffer): string {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let from = 0; from < bytes.length; from += CHUNK) text += encodeChunk(bytes.subarray(from, from + CHUNK));
  const padding = (3 - (bytes.length % 3)) % 3;
  return padding === 0 ? text : text.slice(0, -padding) + "=".repeat(padding);
}

/** Through an array of numbers: a typed array as arguments is three times slower. */
function encodeChunk(bytes: Uint8Array): string {
  const codes: number[] = [];
  codes.length = Math.ceil(bytes.length / 3) * 4;
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    // Beyond the end there is undefined, which counts as 0 here.
    const bits = (at(bytes, from) << 16) | (at(bytes, from + 1) << 8) | at(bytes, from + 2);
    codes[to] = at(CODE_OF, bits >> 18);
    codes[to + 1] = at(CODE_OF, (bits >> 12) & 63);
    codes[to + 2] = at(CODE_OF, (bits >> 6) & 63);
    codes[to + 3] = at(CODE_OF, bits & 63);
  }
  return String.fromCharCode(...codes);
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

/** @throws `Error` when the text is not padded base64. */
export function decodeBase64(text: string): ArrayBuffer {
  if (text.length % 4 !== 0) throw new Error("the length of a base64 text is not a multiple of 4");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  if (native === undefined) return decodePlainly(text, padding);
  // `Buffer` skips what is not base64.
  if (/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding))) throw illegal();
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  native.from(bytes.buffer).write(text, "base64");
  return bytes.buffer;
}

function decodePlainly(text: string, padding: number): ArrayBuffer {
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const end = text.length - padding;
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    const bits =
      (sextetAt(text, from, end) << 18) |
      (sextetAt(text, from + 1, end) << 12) |
      (sextetAt(text, from + 2, end) << 6) |
      sextetAt(text, from + 3, end);
    // Writes beyond the end, where the padding stands, do nothing.
    bytes[to] = bits >> 16;
    bytes[to + 1] = bits >> 8;
    bytes[to + 2] = bits;
  }
  return bytes.buffer;
}

function sextetAt(text: string, index: number, end: number): number {
  if (index >= end) return 0;
  const code = text.charCodeAt(index);
  const sextet = code < 256 ? at(SEXTET_OF, code) : INVALID;
  if (sextet === INVALID) throw illegal();
  return sextet;
}

function illegal(): Error {
  return new Error("a base64 text has a character that is not base64");
}
