import { decodeChunk } from "../serialization/chunks.ts";
import type { Handles } from "../serialization/serialize.ts";
import { nameStream, type ReadableData } from "../serialization/stream-values.ts";
import type { WorkflowReadableStream } from "../world/run-streams.ts";
import {
  isRunStream,
  STREAM_PATIENCE_MS,
  streamAbandoned,
  type StreamAddress,
  type StreamPage,
  type StreamStore,
} from "../world/streams.ts";

export interface ReadParts {
  readonly stream: StreamAddress;
  /** Called when something is read. */
  readonly store: () => Promise<StreamStore>;
  readonly handles: Handles;
  /** As of `StreamStore.read`. */
  readonly startIndex: number;
  /** Its chunks are bytes. Default: they are values. */
  readonly type?: "bytes";
}

/**
 * Reads a stream of a run from an index on, and waits for what comes; ends when that one is over (contract 09 section
 * 9.2). Nothing is read before somebody asks. Each page is read when the one before is used up. As a value it is that
 * stream, from where it was read to.
 */
export function createReadable<R>(parts: ReadParts): WorkflowReadableStream<R> {
  const { stream, store } = parts;
  const source = new Source<R>(parts);
  const readable = nameStream(readableOf(source, parts.type), () => source.data());
  const getTailIndex = async (): Promise<number> => (await (await store()).info(stream)).tailIndex;
  return Object.assign(readable, { getTailIndex });
}

function readableOf<R>(source: Source<R>, type: "bytes" | undefined): ReadableStream<R> {
  const pull = (controller: Controller<R>): Promise<void> => source.pull(controller);
  const cancel = (): void => source.cancel();
  if (type === undefined) return new ReadableStream<R>({ pull, cancel }, { highWaterMark: 0 });
  const bytes = new ReadableStream({ type, pull: pull as never, cancel }, { highWaterMark: 0 });
  return bytes as ReadableStream as ReadableStream<R>;
}

type Controller<R> = Pick<ReadableStreamDefaultController<R>, "close" | "desiredSize" | "enqueue"> & {
  /** Of streams of bytes, while a reader waits that brought its own memory. */
  readonly byobRequest?: { respond(bytes: number): void } | null;
};

function close<R>(controller: Controller<R>): void {
  controller.close();
  controller.byobRequest?.respond(0);
}

class Source<R> {
  readonly #parts: ReadParts;
  readonly #cancelled = new AbortController();
  #next: number;
  #controller: Controller<R> | undefined;

  constructor(parts: ReadParts) {
    this.#parts = parts;
    this.#next = parts.startIndex;
  }

  /** @throws `Error` for a stream of bytes that was read: how far, nobody can say in chunks. */
  data(): ReadableData {
    const { stream, type } = this.#parts;
    if (type !== undefined && this.#controller !== undefined) {
      throw new Error("a stream of bytes that was read in part cannot be passed on");
    }
    // What waits in the platform's queue was not read by anybody.
    const startIndex = this.#next + Math.min(this.#controller?.desiredSize ?? 0, 0);
    return { is: "readable", ...stream, ...(type && { type }), ...(startIndex !== 0 && { startIndex }) };
  }

  async pull(controller: Controller<R>): Promise<void> {
    this.#controller = controller;
    const { stream } = this.#parts;
    const store = await this.#parts.store();
    for (let waited = false; ; waited = true) {
      const page = await store.read(stream, { startIndex: this.#next });
      if (this.#cancelled.signal.aborted) return;
      this.#next = page.startIndex;
      const taken = this.#enqueue(controller, page);
      const isDone = page.state !== "open" && this.#next > page.tailIndex;
      if (isDone && page.state === "closed") return close(controller);
      if (taken > 0) return;
      if (page.chunks.length > 0) continue;
      if (isDone || (waited && !(await isFed(store, stream, page)))) throw streamAbandoned(stream);
      await store.wait(stream, this.#next, { signal: this.#cancelled.signal, timeoutMs: STREAM_PATIENCE_MS });
    }
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  /**
   * Says how many chunks it gave to the platform. One that cannot be had ends the stream, once all before it were taken.
   */
  #enqueue(controller: Controller<R>, { chunks }: StreamPage): number {
    let taken = 0;
    for (const chunk of chunks) {
      try {
        const value = decodeChunk(chunk, this.#parts.handles) as R;
        this.#next += 1;
        if (isEmptyBytes(this.#parts.type, value)) continue;
        controller.enqueue(value);
        taken += 1;
      } catch (error) {
        if (taken === 0) throw error;
        return taken;
      }
    }
    return taken;
  }
}

/** Whether somebody was heard of who feeds a stream that was passed as a value: else its process died before it began. */
async function isFed(store: StreamStore, { runId, name }: StreamAddress, { tailIndex }: StreamPage): Promise<boolean> {
  return tailIndex >= 0 || isRunStream(name) || (await store.list(runId)).includes(name);
}

/** The platform's streams of bytes refuse them. */
function isEmptyBytes(type: "bytes" | undefined, value: unknown): boolean {
  return type !== undefined && (value as Uint8Array).byteLength === 0;
}
