/** The language's base64 and hex methods of Uint8Array, for engines that lack them. */
import { type Alphabet, decodeBase64, type Decoded, encodeBase64, type LastChunk } from "./base64.ts";
import { byteAt, bytesToHex } from "./hex.ts";
import { addMembers, typedArrayName } from "./intrinsics.ts";

interface Progress {
  readonly read: number;
  readonly written: number;
}

export function installUint8ArrayText(): void {
  if ("fromBase64" in Uint8Array) return;
  addMembers(Uint8Array.prototype, methods);
  addMembers(Uint8Array, statics);
}

const methods = {
  toBase64(this: Uint8Array, options?: unknown): string {
    requireBytes(this);
    const alphabet = alphabetOf(options);
    return encodeBase64(this, alphabet, !option(options, "omitPadding"));
  },
  toHex(this: Uint8Array): string {
    requireBytes(this);
    return bytesToHex(this);
  },
  setFromBase64(this: Uint8Array, text: unknown, options?: unknown): Progress {
    requireBytes(this);
    requireText(text);
    return write(this, decodeBase64(text, alphabetOf(options), lastChunkOf(options), this.length));
  },
  setFromHex(this: Uint8Array, text: unknown): Progress {
    requireBytes(this);
    requireText(text);
    return write(this, decodeHex(text, this.length));
  },
};

const statics = {
  fromBase64(text: unknown, options?: unknown): Uint8Array {
    requireText(text);
    return whole(decodeBase64(text, alphabetOf(options), lastChunkOf(options)));
  },
  fromHex(text: unknown): Uint8Array {
    requireText(text);
    return whole(decodeHex(text, Infinity));
  },
};

/** What was decoded before a problem is written before the problem is thrown. */
function write(target: Uint8Array, { read, bytes, problem }: Decoded): Progress {
  target.set(bytes);
  if (problem !== undefined) throw new SyntaxError(`Invalid text: ${problem}`);
  return { read, written: bytes.length };
}

function whole({ bytes, problem }: Decoded): Uint8Array {
  if (problem !== undefined) throw new SyntaxError(`Invalid text: ${problem}`);
  return new Uint8Array(bytes);
}

function decodeHex(text: string, limit: number): Decoded {
  const bytes: number[] = [];
  if (text.length % 2 !== 0) return { read: 0, bytes, problem: "an odd number of hex digits" };
  for (let read = 0; read < text.length && bytes.length < limit; read += 2) {
    const byte = byteAt(text, read);
    if (Number.isNaN(byte)) return { read, bytes, problem: "not a hex digit" };
    bytes.push(byte);
  }
  return { read: bytes.length * 2, bytes };
}

function alphabetOf(options: unknown): Alphabet {
  const alphabet = option(options, "alphabet");
  if (alphabet === undefined) return "base64";
  if (alphabet === "base64" || alphabet === "base64url") return alphabet;
  throw new TypeError('alphabet must be "base64" or "base64url"');
}

function lastChunkOf(options: unknown): LastChunk {
  const handling = option(options, "lastChunkHandling");
  if (handling === undefined) return "loose";
  if (handling === "loose" || handling === "strict" || handling === "stop-before-partial") return handling;
  throw new TypeError('lastChunkHandling must be "loose", "strict" or "stop-before-partial"');
}

function option(options: unknown, name: string): unknown {
  if (options === undefined) return undefined;
  if ((typeof options !== "object" && typeof options !== "function") || options === null) {
    throw new TypeError("The options must be an object");
  }
  return Reflect.get(options, name);
}

function requireBytes(value: unknown): void {
  if (typedArrayName(value) !== "Uint8Array") throw new TypeError("The receiver must be a Uint8Array");
}

function requireText(value: unknown): asserts value is string {
  if (typeof value !== "string") throw new TypeError("The text must be a string");
}
