import { isRunStream, type StreamStore, WorkflowRunNotFoundError } from "workflow/world";
import type { Core } from "./core.ts";
import { createAppend } from "./stream-append.ts";
import { createReadStream } from "./stream-read.ts";
import { infoOf, prepareFindStream, type StreamRow, untilAbandoned } from "./stream-rows.ts";
import { isStorable } from "./texts.ts";
import { listenTo, watchFor } from "./watch-for.ts";

const DEFAULT_WAIT_MS = 50_000;

/** Streams, their writers and their readers, in whichever processes they are. */
export function createStreams(core: Core): StreamStore {
  const { clock, method } = core;
  const find = prepareFindStream(core);
  return {
    append: method(createAppend(core)),
    read: method(createReadStream(core)),
    wait: createWait(core, find),
    info: method(async (stream) => {
      const row = await find(stream);
      // The time is read after the row: nothing was fed later than that.
      return infoOf(stream.name, row, clock.elapsed());
    }),
    list: method(createListStreams(core)),
  };
}

function createListStreams({ database, sql }: Core): StreamStore["list"] {
  const list = sql(
    "list streams",
    `SELECT s.name FROM {schema}.runs r LEFT JOIN {schema}.streams s ON s.run = r.id WHERE r.run_id = $1 ORDER BY s.id`,
  );
  return async (runId) => {
    const rows = isStorable(runId) ? await database.query<{ readonly name: string | null }>(list, [runId]) : [];
    if (rows.length === 0) throw new WorkflowRunNotFoundError(runId);
    return rows.flatMap(({ name }) => name ?? []);
  };
}

function createWait(core: Core, find: ReturnType<typeof prepareFindStream>): StreamStore["wait"] {
  const { clock, hints, method } = core;
  return method(async (stream, index, { timeoutMs = DEFAULT_WAIT_MS, signal } = {}) => {
    const isOver = (row: StreamRow): boolean => {
      const { tailIndex, state } = infoOf(stream.name, row, clock.elapsed());
      return tailIndex >= index || state !== "open";
    };
    const listen = listenTo(
      (listener) => hints.onStream(stream, listener),
      (listener) => hints.onEnd(stream.runId, listener),
    );
    const look = (): Promise<StreamRow> => find(stream);
    const until = clock.elapsed() + timeoutMs;
    for (;;) {
      // Nobody tells that a stream was abandoned: it is looked for when that can be.
      const silence = isRunStream(stream.name) ? Infinity : untilAbandoned(await look(), clock.elapsed());
      const timeLeft = Math.min(until - clock.elapsed(), silence);
      const row = await watchFor(core, { timeoutMs: timeLeft, signal, listen, look, isOver });
      if (isOver(row) || signal?.aborted === true || clock.elapsed() >= until) return;
    }
  });
}
