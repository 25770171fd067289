/** The longest payload, in bytes of UTF-8: 32 MiB. */
export const MAX_PAYLOAD_BYTES: number = 32 * 1024 * 1024;

/**
 * How many values may stand inside each other. Reviving is recursive: with cold code and the default stack of
 * Node it reaches about 2000 levels, while writing with warm code reaches 6000. Without a limit of its own,
 * writing would accept what nobody can read.
 */
export const MAX_DEPTH = 1000;

/** No dense array of a payload can be longer: an element takes at least two characters. */
export const MAX_ARRAY_LENGTH: number = MAX_PAYLOAD_BYTES / 2;

/** Reading a bigint takes time that grows with the square of its digits: this one takes some milliseconds. */
export const MAX_BIGINT_BITS: number = 2 ** 18;
/** Characters of the longest bigint, its sign included. */
export const MAX_BIGINT_DIGITS: number = Math.ceil(MAX_BIGINT_BITS * Math.log10(2)) + 1;

/** devalue's mark for an array that is written as length and index-value pairs. */
export const SPARSE = -7;

/** Bytes of `text` in UTF-8. Exact only where it matters: far below the limit it is an upper bound. */
export function payloadBytes(text: string): number {
  if (text.length * 3 <= MAX_PAYLOAD_BYTES || text.length > MAX_PAYLOAD_BYTES) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A character outside the first plane is two surrogates, which become four bytes.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

/** Whether reviving devalue's `text` would go deeper than {@link MAX_DEPTH}. */
export function isTooDeep(text: string): boolean {
  return (
    text.length > MAX_DEPTH &&
    hasMoreContainers(text, MAX_DEPTH) &&
    depthExceeds(JSON.parse(text) as unknown, MAX_DEPTH)
  );
}

/** The cheap question: without that many brackets there cannot be that many levels. */
function hasMoreContainers(text: string, limit: number): boolean {
  let left = limit;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (left-- === 0) return true;
    }
  }
  return false;
}

/**
 * devalue numbers values as it first meets them, so that the value which led to number n is the last one before
 * n that refers to it.
 */
function depthExceeds(values: unknown, limit: number): boolean {
  if (!Array.isArray(values)) return false;
  const depths = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value: unknown = values[index];
    if (typeof value !== "object" || value === null) continue;
    const depth = (depths[index] ?? 0) + 1;
    if (depth > limit) return true;
    for (const reference of referencesOf(value)) {
      if (typeof reference === "number" && reference > index) depths[reference] = depth;
    }
  }
  return false;
}

/** The numbers of the values that one of devalue's refers to; what else stands there is no number. */
export function referencesOf(value: object): readonly unknown[] {
  if (!Array.isArray(value)) return Object.values(value);
  return value[0] === SPARSE ? value.filter((_, index) => index > 1 && index % 2 === 1) : value;
}
