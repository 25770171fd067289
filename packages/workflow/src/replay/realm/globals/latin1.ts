/** Bytes as text with one character per byte: how they cross the realm's wall. */
const { fromCharCode } = String;
const { apply } = Reflect;

/** Arguments of one call; engines limit how many there may be. */
const CHUNK = 8192;

export function toLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += apply(fromCharCode, undefined, bytes.subarray(start, start + CHUNK));
  }
  return text;
}

/** Text of UTF-16 code units. */
export function fromCodeUnits(units: readonly number[]): string {
  let text = "";
  for (let start = 0; start < units.length; start += CHUNK) {
    text += apply(fromCharCode, undefined, units.slice(start, start + CHUNK));
  }
  return text;
}
