import { ANSWER_MEMORY_MS, type AnswerStore, WorkflowRunNotFoundError, WorkflowWorldError } from "workflow/world";
import { packWhole } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { createInOrder } from "./in-order.ts";
import { isStorable } from "./texts.ts";
import { listenTo, watchFor } from "./watch-for.ts";

/** What is known of a request: the answer, as it is stored, and whether the run has ended. */
interface Known {
  readonly answer: string | null;
  readonly ended: boolean;
}

/** Answers and their readers, in whichever processes they are. */
export function createAnswers(core: Core): AnswerStore {
  const { clock, database, hints, keys, method, open, sql } = core;
  const store = sql(
    "store answer",
    `INSERT INTO {schema}.answers AS a (request_id, answer, at) VALUES ($1, $2, $3)
     ON CONFLICT (request_id) DO UPDATE SET answer = excluded.answer, at = excluded.at WHERE a.at <= $4
     RETURNING true AS stored`,
  );
  const find = sql(
    "find answer",
    `SELECT a.answer, r.ended_at IS NOT NULL AS ended
     FROM {schema}.runs r LEFT JOIN {schema}.answers a ON a.request_id = $2 AND a.at > $3 WHERE r.run_id = $1`,
  );
  const inOrder = createInOrder();

  return {
    put: method(async (requestId, answer) => {
      requireStorable("requestId", requestId);
      requireStorable("answer", answer);
      const now = clock.now();
      const values = [requestId, packWhole(answer, keys), now, now - ANSWER_MEMORY_MS];
      const isFirst = (await inOrder(requestId, () => database.query(store, values))).length > 0;
      if (isFirst) hints.answered(requestId);
      return isFirst;
    }),
    wait: method(async (requestId, { runId, timeoutMs, signal }) => {
      const read = async (): Promise<Known> => {
        const values = [runId, isStorable(requestId) ? requestId : null, clock.now() - ANSWER_MEMORY_MS];
        const [known] = isStorable(runId) ? await database.query<Known>(find, values) : [];
        if (known === undefined) throw new WorkflowRunNotFoundError(runId);
        return known;
      };
      const look = async (): Promise<Known> => {
        const known = await read();
        // What this process put before it ended the run may still be on its way.
        return known.ended && known.answer === null ? await inOrder(requestId, read) : known;
      };
      const { answer } = await watchFor(core, {
        timeoutMs,
        signal,
        listen: listenTo(
          (listener) => hints.onAnswer(requestId, listener),
          (listener) => hints.onEnd(runId, listener),
        ),
        look,
        isOver: (known) => known.ended || known.answer !== null,
      });
      return answer === null ? null : open(answer);
    }),
  };
}

function requireStorable(field: string, text: string): void {
  if (isStorable(text)) return;
  throw new WorkflowWorldError(
    "INVALID_ARGUMENT",
    `The ${field} has a NUL character or half a surrogate pair, and PostgreSQL cannot store it. Leave such characters out`,
    { field },
  );
}
