import { encodeChunk } from "../serialization/chunks.ts";
import type { WorkflowError } from "../world/errors.ts";
import type { ChunkWriter } from "./chunk-writer.ts";

export interface Writable<W> {
  readonly stream: WritableStream<W>;
  /**
   * Resolves once everything that was written so far is durable, also by writers that are still there. Rejects with what
   * went wrong with it.
   */
  settled(): Promise<void>;
}

/** Makes the writer when the first chunk comes. It tells `onFailure` when it cannot go on. */
export type OpenWriter = (onFailure: (error: WorkflowError) => void) => ChunkWriter | Promise<ChunkWriter>;

/**
 * A stream of the platform that appends to a stream of a run (contract 09 section 9.3). A write resolves when the chunk
 * was taken. What cannot be stored, and whatever the World refuses, ends it with that error. `close` closes the stream of
 * the run for everybody, `abort` ends this one alone. `name`: of the stream, for errors. With `asksFirst` the first write
 * resolves when its chunk is durable: whether there is such a stream nobody knows before.
 */
export function createWritable<W>(name: string, open: OpenWriter, asksFirst: boolean = false): Writable<W> {
  const sink = new Sink(name, open, asksFirst);
  const stream = new WritableStream<W>(sink, {
    size() {
      sink.queued += 1;
      return 1;
    },
  });
  return { stream, settled: () => sink.settled() };
}

/** What a stream of the platform can be ended by, with and without the types of browsers. */
type Controller = Pick<WritableStreamDefaultController, "error">;

class Sink {
  /** Chunks that were given to the stream and have not come to the writer yet. */
  queued = 0;
  readonly #name: string;
  readonly #open: OpenWriter;
  readonly #asksFirst: boolean;
  #writer: ChunkWriter | undefined;
  #controller: Controller | undefined;
  /** Nothing more comes. */
  #over = false;
  #refused: unknown;
  #onEmpty: (() => void)[] = [];

  constructor(name: string, open: OpenWriter, asksFirst: boolean) {
    this.#name = name;
    this.#open = open;
    this.#asksFirst = asksFirst;
  }

  start(controller: Controller): void {
    this.#controller = controller;
  }

  async write(value: unknown): Promise<void> {
    try {
      const chunk = encodeChunk(value, { what: "stream chunk", of: this.#name });
      const isFirst = this.#writer === undefined;
      const writer = this.#writer ?? (await this.#opened());
      await writer.write(chunk);
      if (isFirst && this.#asksFirst) await writer.settled();
    } catch (error) {
      this.#refused = error;
      this.#end();
      throw error;
    }
    this.queued -= 1;
    if (this.queued === 0) this.#release();
  }

  async close(): Promise<void> {
    try {
      const writer = this.#writer ?? (await this.#opened());
      await writer.close();
    } finally {
      this.#end();
    }
  }

  abort(): void {
    this.#end();
  }

  async settled(): Promise<void> {
    if (this.queued > 0 && !this.#over) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    if (this.#refused !== undefined) throw this.#refused;
    await this.#writer?.settled();
  }

  async #opened(): Promise<ChunkWriter> {
    return (this.#writer = await this.#open((error) => {
      this.#end();
      this.#controller?.error(error);
    }));
  }

  #end(): void {
    this.#over = true;
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}
