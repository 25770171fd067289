import { Worker } from "node:worker_threads";
import { LeaseLostError, EntityConflictError, WorkflowWorldError } from "../world/errors.ts";
import { StreamError } from "../world/reserved-errors.ts";
import type { AnyOutcome } from "./apply-batch.ts";
import type { Refusal } from "../world-parts/flat.ts";
import type { Answers, Request, Requests } from "./operations.ts";
import type { WriterThreadData } from "./writer-thread.ts";

/** The one way to write. Requests are applied in the order in which they were made. */
export interface Writer {
  /** Resolves once what was written is durable. @throws what the operation was refused with, or `WORLD_FAILED`. */
  request<K extends keyof Requests>(request: Requests[K] & { readonly kind: K }): Promise<Answers[K]>;
  /** Finishes what was asked for and stops the thread. */
  close(): Promise<void>;
}

interface Caller {
  resolve(answer: Answers[keyof Answers]): void;
  reject(error: unknown): void;
}

/**
 * Starts the writer's thread. Requests made in one go cross to it as one message, and it answers in their order,
 * so neither side needs ids. The thread keeps the process alive only while somebody waits for an answer.
 */
export function startWriter(data: WriterThreadData): Writer {
  const callers: Caller[] = [];
  let gathered: Request[] = [];
  let failure: WorkflowWorldError | undefined;
  let closing = false;
  const thread = spawn(data);

  thread.on("message", (outcomes: readonly AnyOutcome[]) => {
    const answered = callers.splice(0, outcomes.length);
    if (callers.length === 0 && !closing) thread.unref();
    for (const [index, caller] of answered.entries()) settle(caller, outcomes[index] as AnyOutcome);
  });
  const fail = (cause: unknown): void => {
    failure ??= new WorkflowWorldError(
      "WORLD_FAILED",
      `The writer of ${data.database} has stopped. Restart the process`,
      { cause },
    );
    for (const caller of callers.splice(0)) caller.reject(failure);
  };
  thread.on("error", fail);
  const stopped = new Promise<void>((resolve) => {
    thread.on("exit", (code) => {
      fail(new Error(`The thread exited with code ${code}`));
      resolve();
    });
  });

  const send = (): void => {
    if (gathered.length > 0) thread.postMessage(gathered, gathered.flatMap(bytesOf));
    gathered = [];
  };

  return {
    request: <K extends keyof Requests>(request: Requests[K] & { readonly kind: K }) =>
      new Promise<Answers[K]>((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        if (callers.length === 0) thread.ref();
        callers.push({ resolve: resolve as Caller["resolve"], reject });
        gathered.push(request);
        if (gathered.length === 1) queueMicrotask(send);
      }),
    async close() {
      closing = true;
      send();
      thread.ref();
      thread.postMessage(null);
      await stopped;
    },
  };
}

/** What goes over to the thread without being copied: chunks are packed for it. */
function bytesOf(request: Request): readonly ArrayBuffer[] {
  return request.kind === "append" ? request.packs.map(({ buffer }) => buffer) : [];
}

/** Neither the user's `--import` hooks nor `NODE_OPTIONS` are for this thread: it runs this package's code only. */
function spawn(data: WriterThreadData): Worker {
  const entry = import.meta.url.endsWith(".ts") ? "./writer-thread.ts" : "./writer-thread.js";
  const thread = new Worker(new URL(entry, import.meta.url), {
    workerData: data,
    execArgv: [],
    env: {},
    name: "workflow writer",
  });
  thread.unref();
  return thread;
}

function settle(caller: Caller, outcome: AnyOutcome): void {
  if ("value" in outcome) caller.resolve(outcome.value);
  else caller.reject(refusalError(outcome.refusal));
}

function refusalError({ code, message, field }: Refusal): WorkflowWorldError {
  if (code === "LEASE_LOST") return new LeaseLostError(message);
  if (code === "ENTITY_CONFLICT") return new EntityConflictError(message);
  if (code === "STREAM_FAILED") return new StreamError(message);
  return new WorkflowWorldError(code, message, field === undefined ? {} : { field });
}
