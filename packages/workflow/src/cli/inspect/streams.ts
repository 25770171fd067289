import { namespaceOf, type StreamInfo } from "../../world/streams.ts";
import type { World } from "../../world/world.ts";
import { type Answer, itemLines, type Kind } from "../answer.ts";
import type { Flags } from "../flags.ts";

interface StreamItem extends StreamInfo {
  readonly name: string;
  /** Undefined: the default stream. Null: a stream that was passed as a value. */
  readonly namespace: string | undefined | null;
}

const STREAMS: Kind<StreamItem> = {
  payloads: () => ({}),
  json: (stream) => stream,
  columns: () => [
    {
      title: "NAMESPACE",
      text: ({ namespace }) => (namespace === undefined ? "(default)" : (namespace ?? "")),
      keep: "start",
    },
    { title: "CHUNKS", text: ({ tailIndex }) => String(tailIndex + 1) },
    { title: "STATE", text: ({ state }) => state },
    { title: "STREAM", text: ({ name }) => name, keep: "start" },
  ],
};

export async function readStreams(world: World, _flags: Flags, runId: string): Promise<Answer> {
  const names = await world.streams.list(runId);
  const streams = await Promise.all(
    names.map(async (name): Promise<StreamItem> => {
      return { name, namespace: namespaceOf(name), ...(await world.streams.info({ runId, name })) };
    }),
  );
  return {
    json: { data: streams.map(STREAMS.json) },
    lines: (terminal) =>
      streams.length === 0 ? ["No streams"] : itemLines(streams, STREAMS, world.clock.now(), terminal),
  };
}
