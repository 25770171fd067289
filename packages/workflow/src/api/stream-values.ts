import type { Handles, StreamData } from "../serialization/serialize.ts";
import { nameStream } from "../serialization/stream-values.ts";
import { ChunkWriter } from "../streams/chunk-writer.ts";
import { flushInterval } from "../streams/flush-interval.ts";
import { createReadable } from "../streams/readable.ts";
import { createWritable, type OpenWriter } from "../streams/writable.ts";
import { currentStep } from "../worker/step-context.ts";
import { StreamError } from "../world/reserved-errors.ts";
import { streamName } from "../world/streams.ts";
import type { World } from "../world/world.ts";

/**
 * The platform's stream for what a payload names. Nothing is read or written before somebody does. What a step body
 * writes is durable before the step ends.
 */
export function reviveStream(data: StreamData, world: () => Promise<World>, handles: () => Handles): object {
  const { runId, namespace } = data;
  if (runId === undefined) return unreadable();
  const stream = { runId, name: data.name ?? streamName(runId, namespace) };
  if (data.is === "writable") {
    const own = currentStep()?.streams.writableTo(stream);
    if (own !== undefined) return own;
    const open: OpenWriter = async (onFailure) => {
      const { streams: store, clock } = await world();
      return new ChunkWriter({ stream, store, clock, flushIntervalMs: flushInterval(), onFailure });
    };
    const writable = createWritable(stream.name, open, true);
    return nameStream(writable.stream, () => ({ is: "writable", ...stream }));
  }
  const { startIndex = 0, type } = data;
  const store = async (): Promise<World["streams"]> => (await world()).streams;
  return createReadable({ stream, store, handles: handles(), startIndex, ...(type !== undefined && { type }) });
}

/** The payload of a hook does not say which run it is for: whoever gets it there knows. */
function unreadable(): ReadableStream {
  const pull = (): never => {
    throw new StreamError("A stream in the payload of a hook can only be read by the run that the payload was for");
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}
