import type { DatabaseSync } from "node:sqlite";
import { ANSWER_MEMORY_MS, type AnswerStore } from "../world/world.ts";
import type { Open } from "../world-parts/stored.ts";
import { again } from "./blobs.ts";
import type { Core } from "./core.ts";
import type { prepareRunReads } from "./run-reads.ts";
import { watch } from "../world-parts/watch.ts";

/** Answers and their readers, in whichever processes they are. */
export function createAnswers(
  core: Core,
  db: DatabaseSync,
  open: Open,
  runs: Pick<ReturnType<typeof prepareRunReads>, "hasEnded">,
  poll: boolean,
): AnswerStore {
  const { writer, clock, hints, closing, method } = core;
  const find = db.prepare("SELECT answer FROM answers WHERE request_id = ? AND at > ?");
  const storedTo = (requestId: string): string | undefined =>
    find.get(requestId, clock.now() - ANSWER_MEMORY_MS)?.["answer"] as string | undefined;
  const answerTo = again((requestId: string): string | null => {
    const stored = storedTo(requestId);
    return stored === undefined ? null : open(stored);
  });

  return {
    put: method(async (requestId, answer) => {
      const isFirst = await writer.request({ kind: "answer", requestId, answer, now: clock.now() });
      if (isFirst) hints.answered(requestId);
      return isFirst;
    }),
    wait: method(async (requestId, { runId, timeoutMs, signal }) => {
      const isOver = (): boolean => runs.hasEnded(runId) || storedTo(requestId) !== undefined;
      const listen = (listener: () => void): (() => void) => {
        const stops = [hints.onAnswer(requestId, listener), hints.onEnd(runId, listener)];
        return () => stops.forEach((stop) => stop());
      };
      const signals = signal === undefined ? [closing.signal] : [closing.signal, signal];
      // Listening begins before reading, so that nothing falls between the two.
      const watching = watch(clock, poll, { timeoutMs, signals, listen, isOver });
      try {
        if (!isOver()) await watching.over;
        return await method(answerTo)(requestId);
      } finally {
        watching.stop();
      }
    }),
  };
}
