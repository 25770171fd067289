/** UTF-8, both ways, as the Encoding Standard has it. */

/** Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3);
  return bytes.slice(0, encodeUtf8Into(text, bytes).written);
}

/** Writes as many whole characters as fit. `read` counts UTF-16 code units. */
export function encodeUtf8Into(text: string, target: Uint8Array): { read: number; written: number } {
  let read = 0;
  let written = 0;
  while (read < text.length) {
    const point = scalarAt(text, read);
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (written + size > target.length) break;
    writePoint(target, written, point, size);
    written += size;
    read += size === 4 ? 2 : 1;
  }
  return { read, written };
}

function scalarAt(text: string, index: number): number {
  const point = text.codePointAt(index)!;
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
}

function writePoint(target: Uint8Array, at: number, point: number, size: number): void {
  if (size === 1) {
    target[at] = point;
    return;
  }
  const lead = size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0;
  target[at] = lead | (point >> (6 * (size - 1)));
  for (let rest = 1; rest < size; rest++) target[at + rest] = 0x80 | ((point >> (6 * (size - 1 - rest))) & 0x3f);
}

/** Decodes piece by piece; a character may lie across pieces. */
export class Utf8Decoder {
  #point = 0;
  #needed = 0;
  #seen = 0;
  #lower = 0x80;
  #upper = 0xbf;

  /**
   * Appends UTF-16 code units to `units`. Malformed input gives U+FFFD.
   * @returns false at the first malformed input when `fatal`
   */
  decode(bytes: Uint8Array, fatal: boolean, units: number[]): boolean {
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index]!;
      if (this.#needed === 0) {
        if (byte < 0x80) units.push(byte);
        else if (!this.#start(byte)) {
          if (fatal) return false;
          units.push(0xfffd);
        }
      } else if (byte < this.#lower || byte > this.#upper) {
        this.#reset();
        if (fatal) return false;
        units.push(0xfffd);
        index--;
      } else this.#continue(byte, units);
    }
    return true;
  }

  /** Ends the input: a character that has only begun is malformed. */
  end(fatal: boolean, units: number[]): boolean {
    if (this.#needed === 0) return true;
    this.#reset();
    if (!fatal) units.push(0xfffd);
    return !fatal;
  }

  #start(byte: number): boolean {
    if (byte >= 0xc2 && byte <= 0xdf) return this.#expect(1, byte & 0x1f);
    if (byte >= 0xe0 && byte <= 0xef) {
      if (byte === 0xe0) this.#lower = 0xa0;
      if (byte === 0xed) this.#upper = 0x9f;
      return this.#expect(2, byte & 0xf);
    }
    if (byte >= 0xf0 && byte <= 0xf4) {
      if (byte === 0xf0) this.#lower = 0x90;
      if (byte === 0xf4) this.#upper = 0x8f;
      return this.#expect(3, byte & 0x7);
    }
    return false;
  }

  #expect(needed: number, bits: number): true {
    this.#needed = needed;
    this.#point = bits;
    return true;
  }

  #continue(byte: number, units: number[]): void {
    this.#lower = 0x80;
    this.#upper = 0xbf;
    this.#point = (this.#point << 6) | (byte & 0x3f);
    this.#seen++;
    if (this.#seen < this.#needed) return;
    const point = this.#point;
    this.#reset();
    if (point < 0x10000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
  }

  #reset(): void {
    this.#point = this.#needed = this.#seen = 0;
    this.#lower = 0x80;
    this.#upper = 0xbf;
  }
}

/** The text of `bytes`; malformed input gives U+FFFD, and a byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): number[] {
  const units: number[] = [];
  const decoder = new Utf8Decoder();
  decoder.decode(bytes, false, units);
  decoder.end(false, units);
  return units;
}
