/** Chunks that stand in one row: how many, where each ends, and their bytes. Numbers are 32 bits, little endian. */
export type Pack = Uint8Array<ArrayBuffer>;

/** What one row holds at most, besides one chunk. A reader that wants a few chunks reads whole rows. */
const ROW_CHUNKS = 1_000;
const ROW_BYTES = 1024 * 1024;

const NUMBER = 4;

/** The chunks as rows, in their order. */
export function pack(chunks: readonly Uint8Array[]): readonly Pack[] {
  const packs: Pack[] = [];
  let from = 0;
  let bytes = 0;
  for (const [index, chunk] of chunks.entries()) {
    const isFull = index - from === ROW_CHUNKS || bytes + chunk.length > ROW_BYTES;
    if (isFull && index > from) {
      packs.push(packRow(chunks.slice(from, index), bytes));
      from = index;
      bytes = 0;
    }
    bytes += chunk.length;
  }
  if (from < chunks.length) packs.push(packRow(chunks.slice(from), bytes));
  return packs;
}

function packRow(chunks: readonly Uint8Array[], bytes: number): Pack {
  const header = NUMBER * (chunks.length + 1);
  const packed = new Uint8Array(header + bytes);
  const view = new DataView(packed.buffer);
  view.setUint32(0, chunks.length, true);
  let end = 0;
  for (const [index, chunk] of chunks.entries()) {
    packed.set(chunk, header + end);
    end += chunk.length;
    view.setUint32(NUMBER * (index + 1), end, true);
  }
  return packed;
}

export function packedCount(packed: Pack): number {
  return viewOf(packed).getUint32(0, true);
}

/** The chunks of a row from the n-th on, as views of it. */
export function* unpack(packed: Pack, from: number): Generator<Uint8Array> {
  const view = viewOf(packed);
  const count = view.getUint32(0, true);
  const header = NUMBER * (count + 1);
  for (let index = from; index < count; index += 1) {
    const start = index === 0 ? 0 : view.getUint32(NUMBER * index, true);
    yield packed.subarray(header + start, header + view.getUint32(NUMBER * (index + 1), true));
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Pack): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
