import { encodeChunk, encodeFailure } from "../serialization/chunks.ts";
import { type LiveStream, release } from "../serialization/serialize-outgoing.ts";
import { STREAM_PATIENCE_MS, type StreamAddress } from "../world/streams.ts";
import type { World } from "../world/world.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { flushInterval } from "./flush-interval.ts";

/** A reader of the stream waits three times as long before it takes the process for dead. */
const WORD_EVERY_MS: number = STREAM_PATIENCE_MS / 3;

/**
 * Lets streams of this process flow into the World, as streams of a run, until they end. Call it once the payload that
 * names them is durable. What goes wrong is for those who read them (contract 09 section 9.6).
 */
export function beginFlow(world: World, runId: string, streams: readonly LiveStream[]): void {
  for (const { name, reader } of streams) void pump(world, { runId, name }, reader);
}

/**
 * Calls what stores a payload. The streams in it flow once that is done, to the run that has it (`ownerOf`); where
 * nothing was stored they are given back.
 */
export function storedWith<T>(
  world: World,
  streams: readonly LiveStream[],
  store: () => Promise<T>,
  ownerOf: (outcome: T) => string | undefined,
): Promise<T> {
  return streams.length === 0 ? store() : storeThenFlow(world, streams, store, ownerOf);
}

async function storeThenFlow<T>(
  world: World,
  streams: readonly LiveStream[],
  store: () => Promise<T>,
  ownerOf: (outcome: T) => string | undefined,
): Promise<T> {
  let owner: string | undefined;
  try {
    const outcome = await store();
    owner = ownerOf(outcome);
    return outcome;
  } finally {
    if (owner === undefined) release(streams);
    else beginFlow(world, owner, streams);
  }
}

/** Ends streams of this process that nobody will ever read. */
export function cancelFlow(streams: readonly LiveStream[], reason: string): void {
  for (const { reader } of streams) reader.cancel(new Error(reason)).catch(() => {});
}

/** Never rejects. */
async function pump(world: World, stream: StreamAddress, reader: LiveStream["reader"]): Promise<void> {
  const cancel = (reason: unknown): void => void reader.cancel(reason).catch(() => {});
  const writer = new ChunkWriter({
    stream,
    store: world.streams,
    clock: world.clock,
    flushIntervalMs: flushInterval(),
    onFailure: cancel,
  });
  const endWords = keepWord(world, stream, cancel);
  const at = { what: "stream chunk", of: stream.name } as const;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await writer.write(encodeChunk(next.value, at));
    }
    await writer.close();
  } catch (error) {
    cancel(error);
    // Where the World itself fails, readers find out from the silence.
    await tellFailure(writer, encodeFailure(error, at)).catch(() => {});
  } finally {
    endWords();
  }
}

async function tellFailure(writer: ChunkWriter, failure: Uint8Array): Promise<void> {
  await writer.write(failure);
  await writer.close();
}

/** Says from time to time that this process is there, beginning now. Returns what ends that. */
function keepWord({ streams, clock }: World, stream: StreamAddress, onRefused: (reason: unknown) => void): () => void {
  let end = (): void => {};
  const say = (): void => {
    end = clock.delay(WORD_EVERY_MS, say);
    streams.append(stream, []).catch((error: unknown) => {
      end();
      onRefused(error);
    });
  };
  say();
  return () => end();
}
