import {
  isRunStream,
  requireStreamName,
  STREAM_PATIENCE_MS,
  type StreamEnd,
  streamOver,
  type StreamStore,
  WorkflowRunNotFoundError,
} from "workflow/world";
import { packChunks, packedCount, sealBytes } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { createInOrder } from "./in-order.ts";
import { isStorable } from "./texts.ts";

/** What becomes of chunks that are to be appended. Nothing is written unless they are. */
type Appended = "appended" | "nowhere" | StreamEnd;

/** Appends to a stream, which begins with that. */
export function createAppend({ clock, database, hints, keys: { writing: key }, sql }: Core): StreamStore["append"] {
  const append = sql(
    "append chunks",
    `SELECT {schema}.append_chunks($1::text, $2::text, $3::boolean, $4::bytea, $5::integer[], $6::integer[],
       $7::boolean, $8::boolean, $9::float8, $10::float8) AS status`,
  );
  const inOrder = createInOrder();

  return async (stream, chunks, { close = false } = {}) => {
    const { runId, name } = stream;
    requireStreamName(name);
    const packs = packChunks(chunks);
    const stored = key === undefined ? packs : packs.map((pack) => sealBytes(pack, key));
    const rows = [joined(stored), stored.map(({ length }) => length), packs.map(packedCount)] as const;
    const send = async (): Promise<Appended> => {
      const times = [clock.elapsed(), STREAM_PATIENCE_MS] as const;
      const values = [runId, name, isRunStream(name), ...rows, key !== undefined, close, ...times];
      const [row] = await database.query<{ readonly status: Appended }>(append, values);
      return row?.status ?? "nowhere";
    };
    const status = isStorable(runId) ? await inOrder(`${runId} ${name}`, send) : "nowhere";
    if (status === "nowhere") throw new WorkflowRunNotFoundError(runId);
    if (status !== "appended") throw streamOver(stream, status);
    if (close || chunks.length > 0) hints.streamed(stream);
  };
}

/** As one value, because the driver sends lists of bytes as text. */
function joined(packs: readonly Uint8Array[]): Uint8Array {
  const [first] = packs;
  return packs.length === 1 && first !== undefined ? first : Buffer.concat(packs);
}
