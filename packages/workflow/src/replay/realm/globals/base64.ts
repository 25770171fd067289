/** Base64 as the language's Uint8Array methods have it. `atob` and `btoa` build on it. */
export type Alphabet = "base64" | "base64url";
export type LastChunk = "loose" | "strict" | "stop-before-partial";

export interface Decoded {
  /** How many characters led to `bytes`. */
  readonly read: number;
  readonly bytes: readonly number[];
  /** Why decoding stopped early; `bytes` holds what came before. */
  readonly problem?: string;
}

const SHARED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABETS: Readonly<Record<Alphabet, string>> = { base64: `${SHARED}+/`, base64url: `${SHARED}-_` };

export function encodeBase64(bytes: Uint8Array, alphabet: Alphabet, padded: boolean): string {
  const digits = ALPHABETS[alphabet];
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const left = bytes.length - index;
    const group = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text += digits[group >> 18]! + digits[(group >> 12) & 63]!;
    if (left > 1) text += digits[(group >> 6) & 63]!;
    if (left > 2) text += digits[group & 63]!;
    if (padded && left < 3) text += left === 1 ? "==" : "=";
  }
  return text;
}

/** Decodes whole groups of four characters until `limit` bytes are there; what `lastChunk` says about the rest. */
export function decodeBase64(
  text: string,
  alphabet: Alphabet,
  lastChunk: LastChunk,
  limit: number = Infinity,
): Decoded {
  const digits = ALPHABETS[alphabet];
  const bytes: number[] = [];
  let read = 0;
  let chunk: number[] = [];
  if (limit === 0) return { read, bytes };
  for (let index = skipSpace(text, 0); index < text.length; index = skipSpace(text, index)) {
    const char = text[index++]!;
    if (char === "=") return endWithPadding({ text, index, read, bytes, chunk, lastChunk });
    const digit = digits.indexOf(char);
    if (digit === -1) return { read, bytes, problem: `unexpected character ${JSON.stringify(char)}` };
    const room = limit - bytes.length;
    if ((room === 1 && chunk.length === 2) || (room === 2 && chunk.length === 3)) return { read, bytes };
    chunk.push(digit);
    if (chunk.length < 4) continue;
    bytes.push(...chunkBytes(chunk));
    chunk = [];
    read = index;
    if (bytes.length === limit) return { read, bytes };
  }
  if (chunk.length === 0) return { read: text.length, bytes };
  if (lastChunk === "stop-before-partial") return { read, bytes };
  if (lastChunk === "strict" || chunk.length === 1) return { read, bytes, problem: "the last group is incomplete" };
  bytes.push(...chunkBytes(chunk));
  return { read: text.length, bytes };
}

interface Ending {
  readonly text: string;
  /** Just after the first `=`. */
  readonly index: number;
  readonly read: number;
  readonly bytes: number[];
  readonly chunk: readonly number[];
  readonly lastChunk: LastChunk;
}

function endWithPadding({ text, index, read, bytes, chunk, lastChunk }: Ending): Decoded {
  if (chunk.length < 2) return { read, bytes, problem: "unexpected padding" };
  let end = skipSpace(text, index);
  if (chunk.length === 2) {
    if (end === text.length) {
      return lastChunk === "stop-before-partial" ? { read, bytes } : { read, bytes, problem: "incomplete padding" };
    }
    if (text[end] === "=") end = skipSpace(text, end + 1);
  }
  if (end < text.length) return { read, bytes, problem: "characters after the padding" };
  const spare = chunk.length === 2 ? chunk[1]! & 15 : chunk[2]! & 3;
  if (lastChunk === "strict" && spare !== 0) return { read, bytes, problem: "the unused bits are not zero" };
  bytes.push(...chunkBytes(chunk));
  return { read: text.length, bytes };
}

/** Of two, three or four digits. */
function chunkBytes(chunk: readonly number[]): number[] {
  const group = (chunk[0]! << 18) | (chunk[1]! << 12) | ((chunk[2] ?? 0) << 6) | (chunk[3] ?? 0);
  return [group >> 16, (group >> 8) & 255, group & 255].slice(0, chunk.length - 1);
}

function skipSpace(text: string, index: number): number {
  while (index < text.length && "\t\n\f\r ".includes(text[index]!)) index++;
  return index;
}
