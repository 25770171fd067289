import { type HookReads, WorkflowRunNotFoundError } from "workflow/world";
import type { Core } from "./core.ts";
import { isStorable } from "./texts.ts";
import { listenTo, watchFor } from "./watch-for.ts";

interface SystemHook {
  readonly runId: string;
  readonly hookId: string;
}

/** What a system hook has got. */
interface Received {
  /** As it is stored; null where it has got nothing, or its run kept nothing. */
  readonly payload: string | null;
  readonly ended: boolean;
}

/** Waits for what a system hook gets, whichever process gives it. */
export function createFirstPayload(core: Core): HookReads["firstPayload"] {
  const { hints, method, open } = core;
  const find = prepareFind(core);

  return method(async ({ runId, hookId }, { timeoutMs, signal }) => {
    const { payload } = await watchFor(core, {
      timeoutMs,
      signal,
      listen: listenTo(
        (listener) => hints.onPayload(hookId, listener),
        (listener) => hints.onEnd(runId, listener),
      ),
      look: () => find({ runId, hookId }),
      isOver: (received) => received.ended || received.payload !== null,
    });
    return payload === null ? null : open(payload);
  });
}

/** Of so many hooks it is remembered up to where their histories have nothing for them. */
const MOST_REMEMBERED = 10_000;

interface Row extends Received {
  readonly generation: number;
  readonly length: number;
  readonly in_history: boolean;
}

/** Up to where a history has nothing for a hook. */
interface Empty {
  readonly generation: number;
  readonly length: number;
}

/** Steps that have the same signal ask again and again: each event of a history is looked at once for each hook. */
function prepareFind({ database, sql }: Core): (hook: SystemHook) => Promise<Received> {
  const find = sql(
    "find first payload",
    `SELECT r.ended_at IS NOT NULL AS ended, r.generation, r.length, e.run IS NOT NULL AS in_history,
       CASE WHEN e.run IS NULL THEN i.payload ELSE e.payload END AS payload
     FROM {schema}.runs r
     LEFT JOIN LATERAL (
       SELECT e.run, e.payload FROM {schema}.events e
       WHERE e.run = r.id AND e.position > CASE WHEN r.generation = $3::integer THEN $4::integer ELSE 0 END
         AND e.correlation_id = $2 AND e.type = 'hook_received'
       ORDER BY e.position LIMIT 1) e ON true
     LEFT JOIN LATERAL (
       SELECT i.payload FROM {schema}.inbox i
       WHERE i.run = r.id AND i.correlation_id = $2 AND i.type = 'hook_received' ORDER BY i.id LIMIT 1) i ON true
     WHERE r.run_id = $1`,
  );
  const empty = new Map<string, Empty>();

  return async ({ runId, hookId }) => {
    const key = `${runId} ${hookId}`;
    const { generation, length } = empty.get(key) ?? { generation: 0, length: 0 };
    const values = [runId, isStorable(hookId) ? hookId : null, generation, length];
    const [row] = isStorable(runId) ? await database.query<Row>(find, values) : [];
    if (row === undefined) throw new WorkflowRunNotFoundError(runId);
    empty.delete(key);
    if (!row.in_history) empty.set(key, { generation: row.generation, length: row.length });
    if (empty.size > MOST_REMEMBERED) empty.delete(empty.keys().next().value ?? "");
    return row;
  };
}
