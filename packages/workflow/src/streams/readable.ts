import type { UnderlyingSource } from "node:stream/web";
import { decodeChunk } from "../serialization/chunks.ts";
import type { Handles } from "../serialization/serialize.ts";
import type { WorkflowReadableStream } from "../world/run-streams.ts";
import { streamAbandoned, type StreamAddress, type StreamPage, type StreamStore } from "../world/streams.ts";

export interface ReadParts {
  readonly stream: StreamAddress;
  /** Called when something is read. */
  readonly store: () => Promise<StreamStore>;
  readonly handles: Handles;
  /** As of `StreamStore.read`. */
  readonly startIndex: number;
}

/**
 * Reads a stream of a run from an index on, and waits for what comes; ends when that one is over (contract 09 section
 * 9.2). Nothing is read before somebody asks. Each page is read when the one before is used up.
 */
export function createReadable<R>(parts: ReadParts): WorkflowReadableStream<R> {
  const { stream, store } = parts;
  const source = new Source<R>(parts);
  const readable = new ReadableStream<R>(source, { highWaterMark: 0 });
  const getTailIndex = async (): Promise<number> => (await (await store()).info(stream)).tailIndex;
  return Object.assign(readable, { getTailIndex });
}

class Source<R> implements UnderlyingSource<R> {
  readonly #parts: ReadParts;
  readonly #cancelled = new AbortController();
  #next: number;
  /** Why the chunk at the index cannot be had, found with those before it. */
  #broken: { readonly error: unknown } | undefined;

  constructor(parts: ReadParts) {
    this.#parts = parts;
    this.#next = parts.startIndex;
  }

  async pull(controller: ReadableStreamDefaultController<R>): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken.error;
    const { stream } = this.#parts;
    const store = await this.#parts.store();
    for (;;) {
      const page = await store.read(stream, { startIndex: this.#next });
      if (this.#cancelled.signal.aborted) return;
      this.#next = page.startIndex;
      this.#enqueue(controller, page);
      const isDone = page.state !== "open" && this.#next > page.tailIndex;
      if (isDone && page.state === "closed") return controller.close();
      if (page.chunks.length > 0) return;
      if (isDone) throw streamAbandoned(stream);
      await store.wait(stream, this.#next, { signal: this.#cancelled.signal });
    }
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  #enqueue(controller: ReadableStreamDefaultController<R>, { chunks }: StreamPage): void {
    for (const chunk of chunks) {
      try {
        controller.enqueue(decodeChunk(chunk, this.#parts.handles) as R);
      } catch (error) {
        this.#broken = { error };
        return;
      }
      this.#next += 1;
    }
  }
}
