import { streamName } from "../../world/streams.ts";
import type { World } from "../../world/world.ts";
import type { Answer } from "../answer.ts";
import { type Field, fieldLines } from "../fields.ts";
import type { Flags } from "../flags.ts";
import { chunkValue, jsonOf, show } from "../payloads.ts";
import { UsageError } from "../usage-error.ts";

/** Chunks of a stream, the first ones first. `--cursor` is the index to go on from. */
export async function readStream(world: World, flags: Flags, name: string): Promise<Answer> {
  const { runId = "", limit, cursor = "0" } = flags;
  if (!/^\d{1,15}$/.test(cursor)) throw new UsageError(`--cursor is the number of a chunk here, not ${cursor}`);
  const stream = { runId, name: name.startsWith("strm_") ? name : streamName(runId, name === "" ? undefined : name) };
  const page = await world.streams.read(stream, { startIndex: Number(cursor), limit });
  const { startIndex, tailIndex, state } = page;
  const next = startIndex + page.chunks.length;
  const values = page.chunks.map(chunkValue);
  return {
    json: {
      ...stream,
      state,
      tailIndex,
      data: values.map((value, at) => ({ index: startIndex + at, value: jsonOf(value) ?? null })),
    },
    ...(next <= tailIndex && { more: String(next) }),
    lines: ({ paint }) =>
      values.length === 0
        ? [`No chunks${startIndex > 0 ? ` from ${startIndex} on` : ""}; the stream is ${state}`]
        : fieldLines(
            values.map((value, at): Field => [String(startIndex + at), show(value)]),
            paint,
          ),
  };
}
