import { constants, crc32, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { WorkflowWorldError } from "../world/errors.ts";

/** The first four bytes say what the rest is: UTF-8 after a checksum of it, or a zstd frame, which has its own. */
const PLAIN = "text";
const ZSTD = "zstd";
const TAG_BYTES = 4;

/** Below, compression costs more than it brings (contract 06 section 6.9). */
const LEAST_COMPRESSED = 1_024;
const LEAST_SAVING = 0.05;

const COMPRESSION = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** UTF-8, compressed where that is worth it. */
export function encodeContent(utf8: Uint8Array): Uint8Array {
  if (utf8.length >= LEAST_COMPRESSED) {
    const small = zstdCompressSync(utf8, COMPRESSION);
    if (small.length <= utf8.length * (1 - LEAST_SAVING)) return Buffer.concat([Buffer.from(ZSTD), small]);
  }
  const head = Buffer.from(`${PLAIN}\0\0\0\0`);
  head.writeUInt32BE(crc32(utf8), TAG_BYTES);
  return Buffer.concat([head, utf8]);
}

/** @throws `WorkflowWorldError` `WORLD_FAILED` when it is damaged, or of a format that this version does not know. */
export function decodeContent(content: Uint8Array): string {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const tag = bytes.toString("latin1", 0, TAG_BYTES);
  if (tag === ZSTD) return decompress(bytes.subarray(TAG_BYTES));
  if (tag !== PLAIN) throw unknownFormat(tag);
  const utf8 = bytes.subarray(TAG_BYTES + 4);
  if (bytes.length < TAG_BYTES + 4 || crc32(utf8) !== bytes.readUInt32BE(TAG_BYTES))
    throw damaged("its checksum is wrong");
  return utf8.toString();
}

function decompress(frame: Uint8Array): string {
  try {
    return zstdDecompressSync(frame).toString();
  } catch (cause) {
    throw damaged("it cannot be decompressed", { cause });
  }
}

export function damaged(why: string, options?: ErrorOptions): WorkflowWorldError {
  const message = `A stored value is damaged: ${why}. Restore a backup of the data`;
  return new WorkflowWorldError("WORLD_FAILED", message, options);
}

function unknownFormat(tag: string): WorkflowWorldError {
  return new WorkflowWorldError(
    "WORLD_FAILED",
    `A stored value has the format ${JSON.stringify(tag)}, which this version of workflow does not know. ` +
      "Update the package, or restore a backup of the data",
  );
}
