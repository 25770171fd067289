/** What a run offers of its streams to code that has a handle on it (contract 02 section 2.3, 09 sections 9.2 and 9.5). */

/** A stream of a run, as it is read. */
// oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
export interface WorkflowReadableStream<R = any> extends ReadableStream<R> {
  /** The index of the last chunk that is there now; -1 when there is none. */
  getTailIndex(): Promise<number>;
}

export interface WorkflowReadableStreamOptions {
  /** Which stream of the run. Default: the one without a name. */
  readonly namespace?: string | undefined;
  /**
   * The index of the first chunk. Negative: so many before the end, as it is when reading begins (-1: the last chunk).
   * Beyond the end: waits for that chunk. Default 0.
   */
  readonly startIndex?: number | undefined;
  /** Stays empty: nothing goes on behind a reader. For code that is used to passing it. */
  readonly ops?: Promise<unknown>[] | undefined;
  /** Has no effect: values are made for the caller's realm. For code that is used to passing it. */
  readonly global?: object | undefined;
}

export interface WorkflowRunWritableStreamOptions {
  /** Which stream of the run. Default: the one without a name. */
  readonly namespace?: string | undefined;
  /**
   * Gets a promise whenever chunks are sent: it resolves once they are durable. A write alone resolves when the chunk was
   * taken.
   */
  readonly ops?: Promise<unknown>[] | undefined;
  /** Has no effect. For code that is used to passing it. */
  readonly global?: object | undefined;
}

export interface RunStreams {
  /** The default stream, from its beginning. */
  readonly readable: WorkflowReadableStream;
  /**
   * What the run has written to a stream and what it will write; ends when the stream is closed, or with the run. Nothing
   * is read before the first chunk is asked for; the process stays alive while somebody waits for one. Reading rejects
   * with `WorkflowRunNotFoundError`, or with `StreamError` when the stream broke off.
   * @throws `WorkflowError` `INVALID_ARGUMENT` for options that cannot be used.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
  getReadable<R = any>(options?: WorkflowReadableStreamOptions): WorkflowReadableStream<R>;
  /** Appends to the default stream. */
  readonly writable: WritableStream;
  /**
   * Appends to a stream from outside of the run. Nothing is asked before the first write. `close` closes the stream for
   * everybody: who only contributes uses `releaseLock`. Writing rejects with `WorkflowRunNotFoundError`, or with
   * `StreamError` once the stream is over.
   * @throws `WorkflowError` `INVALID_ARGUMENT` for a namespace that cannot be.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- as the contract has it: who names no type checks none
  getWritable<W = any>(options?: WorkflowRunWritableStreamOptions): WritableStream<W>;
}
