import type { Handles } from "../serialization/serialize.ts";
import { nameStream } from "../serialization/stream-values.ts";
import { ChunkWriter } from "../streams/chunk-writer.ts";
import { flushInterval } from "../streams/flush-interval.ts";
import { createReadable } from "../streams/readable.ts";
import { createWritable, type OpenWriter } from "../streams/writable.ts";
import type {
  WorkflowReadableStream,
  WorkflowReadableStreamOptions,
  WorkflowRunWritableStreamOptions,
} from "../world/run-streams.ts";
import { requireNamespace, requireStartIndex, streamName } from "../world/streams.ts";
import type { World } from "../world/world.ts";

/** As `RunStreams.getReadable`. */
export function readableOf<R>(
  runId: string,
  world: () => Promise<World>,
  handles: Handles,
  { namespace, startIndex = 0 }: WorkflowReadableStreamOptions,
): WorkflowReadableStream<R> {
  requireNamespace(namespace);
  requireStartIndex(startIndex);
  const store = async (): Promise<World["streams"]> => (await world()).streams;
  return createReadable<R>({ stream: { runId, name: streamName(runId, namespace) }, store, handles, startIndex });
}

/** As `RunStreams.getWritable`. */
export function writableOf<W>(
  runId: string,
  world: () => Promise<World>,
  { namespace, ops }: WorkflowRunWritableStreamOptions,
): WritableStream<W> {
  requireNamespace(namespace);
  const stream = { runId, name: streamName(runId, namespace) };
  const onBusy = (settled: Promise<void>): void => {
    // Who does not look at it hears of a failure from the stream.
    settled.catch(() => {});
    ops?.push(settled);
  };
  const open: OpenWriter = async (onFailure) => {
    const { streams: store, clock } = await world();
    return new ChunkWriter({ stream, store, clock, flushIntervalMs: flushInterval(), onBusy, onFailure });
  };
  const writable = createWritable<W>(stream.name, open, true);
  return nameStream(writable.stream, () => ({ is: "writable", ...stream }));
}
