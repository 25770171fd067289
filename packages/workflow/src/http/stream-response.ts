import { type Run, worldOf } from "../api/run.ts";
import { SerializationError, WorkflowRunNotFoundError } from "../world/errors.ts";
import { requireNamespace, type StreamInfo, streamName } from "../world/streams.ts";
import { refused } from "./error-response.ts";
import { formatFor, isEventStream, type StreamFormat } from "./stream-formats.ts";

export interface StreamResponseOptions {
  /** Which stream of the run. Default: the one without a name. */
  readonly namespace?: string | undefined;
  /** Added to those of the response; `content-type` too, where bytes are something else than text. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Answers an HTTP request with a stream of a run, from the chunk that the request names (contract 09 section 9.8): by
 * `startIndex` in the query, or by `Last-Event-ID`. The answer goes on until the stream is over; when the caller hangs
 * up, reading stops, and the run is not affected.
 *
 * With `Accept: text/event-stream` every chunk is an event with the index to go on from as its id, which is all that
 * `EventSource` needs to come back after a lost connection. With `Accept: application/x-ndjson` every chunk is a line
 * of JSON. Otherwise texts and bytes are sent as they are, and other values as lines of JSON.
 *
 * The headers `x-workflow-run-id` and `x-workflow-stream-tail-index` (the last chunk there is, -1 for none) come first.
 * A chunk that JSON has no form for (a `bigint`, a cycle) breaks the answer off with a `SerializationError` that names it.
 * Answers 400 for a start that is no whole number and 404 for an unknown run, both with a JSON body that has the `code`;
 * 204 to an `EventSource` that has everything of a stream that is over, so that it stays away.
 * @throws `WorkflowError` `INVALID_ARGUMENT` for a namespace that cannot be.
 */
export async function streamResponse(
  run: Run,
  request: Request,
  options: StreamResponseOptions = {},
): Promise<Response> {
  const { namespace } = options;
  requireNamespace(namespace);
  const asked = startOf(request);
  if (asked === undefined) return refused(400, "startIndex is not a whole number", "INVALID_ARGUMENT");
  const info = await infoOf(run, namespace);
  if (info === undefined) return refused(404, "There is no such run", "RUN_NOT_FOUND");
  const { tailIndex, state } = info;
  const startIndex = asked < 0 ? Math.max(tailIndex + 1 + asked, 0) : asked;
  const format = formatFor(request);
  const headers = headersOf(run, tailIndex, format, options);
  const isAllThere = state === "closed" && startIndex > tailIndex;
  if (isAllThere && isEventStream(request)) return new Response(null, { status: 204, headers });
  return new Response(bodyOf({ run, namespace, startIndex, format, signal: request.signal }), { headers });
}

/** Undefined for what cannot be an index. An `EventSource` that comes back repeats its URL and adds where it was. */
function startOf(request: Request): number | undefined {
  const last = isEventStream(request) ? request.headers.get("last-event-id") : null;
  const text = last ?? new URL(request.url).searchParams.get("startIndex") ?? "0";
  const index = /^-?\d+$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(index) ? index : undefined;
}

async function infoOf(run: Run, namespace: string | undefined): Promise<StreamInfo | undefined> {
  const { runId } = run;
  try {
    return await (await worldOf(run)).streams.info({ runId, name: streamName(runId, namespace) });
  } catch (error) {
    if (WorkflowRunNotFoundError.is(error)) return undefined;
    throw error;
  }
}

function headersOf(run: Run, tailIndex: number, format: StreamFormat, options: StreamResponseOptions): Headers {
  const headers = new Headers({
    "content-type": format.contentType,
    // Neither caches nor browsers that guess types nor proxies may hold chunks back.
    "cache-control": "no-store, no-transform",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no",
  });
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, value);
  headers.set("x-workflow-run-id", run.runId);
  headers.set("x-workflow-stream-tail-index", String(tailIndex));
  return headers;
}

interface Body {
  readonly run: Run;
  readonly namespace: string | undefined;
  readonly startIndex: number;
  readonly format: StreamFormat;
  readonly signal: AbortSignal;
}

function bodyOf({ run, namespace, startIndex, format, signal }: Body): ReadableStream<Uint8Array> {
  const reader = run.getReadable({ namespace, startIndex }).getReader();
  const stop = (): void => void reader.cancel();
  let next = startIndex;
  signal.addEventListener("abort", stop, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) {
          signal.removeEventListener("abort", stop);
          return controller.close();
        }
        next += 1;
        controller.enqueue(encoded(format, value, next, { run, namespace }));
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

function encoded(
  format: StreamFormat,
  value: unknown,
  next: number,
  { run, namespace }: Pick<Body, "run" | "namespace">,
): Uint8Array {
  try {
    return format.encode(value, next);
  } catch (cause) {
    const stream = namespace === undefined ? "the default stream" : `the stream ${JSON.stringify(namespace)}`;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SerializationError(`Chunk ${next - 1} of ${stream} of run ${run.runId} cannot be sent as JSON: ${why}`, {
      cause,
      hint: "Write texts, bytes or what JSON has, or read the stream with run.getReadable() and answer yourself",
    });
  }
}
