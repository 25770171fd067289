import type { Clock } from "../world/clock.ts";
import { WorkflowError } from "../world/errors.ts";
import { StreamError } from "../world/reserved-errors.ts";
import { STREAM_PAGE_BYTES, STREAM_PAGE_CHUNKS, type StreamAddress, type StreamStore } from "../world/streams.ts";

/** What may be under way before a writer has to wait (contract 09 section 9.3). */
const MOST_CHUNKS_IN_FLIGHT = 1_000;
const MOST_BYTES_IN_FLIGHT = 8 * 1024 * 1024;

export interface ChunkWriterParts {
  readonly stream: StreamAddress;
  readonly store: Pick<StreamStore, "append">;
  readonly clock: Clock;
  /** How long chunks are gathered before they are sent, in milliseconds. */
  readonly flushIntervalMs: number;
  /** It sends something after it had nothing to send. `settled`: as {@link ChunkWriter.settled}. */
  readonly onBusy?: (settled: Promise<void>) => void;
  /** A write has failed. Called once. */
  readonly onFailure: (error: WorkflowError) => void;
}

/**
 * Sends the chunks of one writer to a stream, in their order: the first at once, and what gathers while it is under way
 * in one piece after it. When a write fails, everything after it does too.
 */
export class ChunkWriter {
  readonly #parts: ChunkWriterParts;
  #waiting: Uint8Array[] = [];
  #chunksInFlight = 0;
  #bytesInFlight = 0;
  #closing = false;
  #idle: Promise<void> | undefined;
  #onRoom: (() => void) | undefined;
  #failure: WorkflowError | undefined;

  constructor(parts: ChunkWriterParts) {
    this.#parts = parts;
  }

  /** Takes a chunk. What it returns resolves once there is room for it. Called again only after that. */
  async write(chunk: Uint8Array): Promise<void> {
    while (!this.#hasRoomFor(chunk)) await new Promise<void>((resolve) => (this.#onRoom = resolve));
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting.push(chunk);
    this.#chunksInFlight += 1;
    this.#bytesInFlight += chunk.length;
    this.#send();
  }

  /** Closes the stream for everybody, after what was written. Resolves once that is durable. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#send();
    await this.settled();
  }

  /** Resolves once everything that was taken is durable. Rejects when that has failed. */
  async settled(): Promise<void> {
    await this.#idle;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #hasRoomFor(chunk: Uint8Array): boolean {
    if (this.#chunksInFlight === 0 || this.#failure !== undefined) return true;
    return this.#chunksInFlight < MOST_CHUNKS_IN_FLIGHT && this.#bytesInFlight + chunk.length <= MOST_BYTES_IN_FLIGHT;
  }

  #send(): void {
    if (this.#idle !== undefined || this.#failure !== undefined) return;
    this.#idle = this.#sendAll();
    this.#parts.onBusy?.(this.settled());
  }

  async #sendAll(): Promise<void> {
    if (this.#parts.flushIntervalMs > 0) await this.#pause();
    while ((this.#waiting.length > 0 || this.#closing) && this.#failure === undefined) {
      const batch = this.#nextBatch();
      const isLast = this.#closing && this.#waiting.length === 0;
      if (isLast) this.#closing = false;
      await this.#append(batch, isLast);
      this.#chunksInFlight -= batch.length;
      for (const chunk of batch) this.#bytesInFlight -= chunk.length;
      if (this.#onRoom !== undefined) await this.#makeRoom(this.#onRoom);
    }
    this.#idle = undefined;
  }

  /** Who waited for room has more to write, which the next batch takes along: otherwise every other one is one chunk. */
  async #makeRoom(onRoom: () => void): Promise<void> {
    this.#onRoom = undefined;
    onRoom();
    await new Promise(setImmediate);
  }

  async #append(batch: readonly Uint8Array[], close: boolean): Promise<void> {
    const { stream, store } = this.#parts;
    try {
      await store.append(stream, batch, { close });
    } catch (cause) {
      this.#failure = failureOf(stream, cause);
      this.#parts.onFailure(this.#failure);
    }
  }

  /** At most what fits into one page, or one chunk. */
  #nextBatch(): readonly Uint8Array[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((chunk, index) => {
      bytes += chunk.length;
      return index === STREAM_PAGE_CHUNKS || (index > 0 && bytes > STREAM_PAGE_BYTES);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  #pause(): Promise<void> {
    const { clock, flushIntervalMs } = this.#parts;
    return new Promise((resolve) => clock.delay(flushIntervalMs, resolve));
  }
}

/** What the World refused the chunks with; errors of the World itself get the name that users look for. */
function failureOf({ runId, name }: StreamAddress, cause: unknown): WorkflowError {
  if (cause instanceof WorkflowError && (cause.code === "STREAM_FAILED" || cause.code === "RUN_NOT_FOUND"))
    return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new StreamError(`Chunks for the stream ${name} of run ${runId} could not be stored: ${said}`, { cause });
}
