import type { DatabaseSync } from "node:sqlite";
import type { Keys } from "../payloads/keys.ts";
import { sealBytes } from "../payloads/seal.ts";
import type { StreamEnd } from "../world/streams.ts";
import { refuse } from "../world-parts/flat.ts";
import { type Operation } from "./operations.ts";
import { packedCount } from "../world-parts/packs.ts";
import { chunkKeySql, endOf, MOST_CHUNKS, prepareFindStream, type StreamRow } from "./stream-rows.ts";

/** What became of chunks that were to be appended. */
export type Appended =
  | { readonly status: "appended" }
  /** There is no such run. Nothing was written. */
  | { readonly status: "nowhere" }
  /** Nothing was written. */
  | { readonly status: "over"; readonly end: StreamEnd };

/** Appends to a stream, which begins with that. */
export function prepareAppend(db: DatabaseSync, { writing: key }: Keys): Operation<"append"> {
  const find = prepareFindStream(db);
  const begin = db.prepare(`
    INSERT INTO streams (run, name, length, closed, fed_at) VALUES (:run, :name, 0, 0, :elapsed)`);
  const add = db.prepare(
    `INSERT INTO chunks (id, packed, sealed) VALUES (${chunkKeySql(":stream", ":index")}, :packed, :sealed)`,
  );
  const advance = db.prepare(`
    UPDATE streams SET length = :length, closed = :closed, fed_at = max(fed_at, :elapsed) WHERE id = :stream`);

  return ({ runId, name, packs, close, elapsed }) => {
    const row = find({ runId, name });
    if (row === undefined) return { value: { status: "nowhere" } };
    const end = endOf(name, row, elapsed);
    if (end !== undefined) {
      const isClosing = close && packs.length === 0 && end !== "abandoned";
      return { value: isClosing ? { status: "appended" } : { status: "over", end } };
    }
    const before = row.length ?? 0;
    const length = packs.reduce((total, packed) => total + packedCount(packed), before);
    if (length > MOST_CHUNKS) return refuse("STREAM_FAILED", `The stream ${name} of run ${runId} is full`);
    const stream = streamKey(row, () => begin.run({ run: row.run, name, elapsed }).lastInsertRowid);
    const sealed = key === undefined ? 0 : 1;
    let index = before;
    for (const packed of packs) {
      add.run({ stream, index, packed: key === undefined ? packed : sealBytes(packed, key), sealed });
      index += packedCount(packed);
    }
    advance.run({ stream, length, closed: close ? 1 : 0, elapsed });
    return { value: { status: "appended" } };
  };
}

function streamKey({ id }: StreamRow, begin: () => number | bigint): number {
  return id ?? Number(begin());
}
