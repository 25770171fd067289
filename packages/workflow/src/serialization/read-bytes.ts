/**
 * The largest body of a request or response, in bytes. Base64 makes a payload of it that is a third larger; what the
 * payload's limit leaves is for headers and the URL.
 */
export const MOST_BODY_BYTES = 25_000_000;

export type ReadBytes =
  | { readonly status: "read"; readonly bytes: Uint8Array<ArrayBuffer> | null }
  /** Reading stopped there, and the rest was cancelled. */
  | { readonly status: "too large" };

/** Reads a body as it is, up to `limit` bytes. Null where there is no body. */
export async function readBytes(body: ReadableStream<Uint8Array> | null, limit: number): Promise<ReadBytes> {
  if (body === null) return { status: "read", bytes: null };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return { status: "too large" };
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return { status: "read", bytes };
}
