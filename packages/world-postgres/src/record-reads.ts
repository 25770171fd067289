import { type RunRecord, type StoredCode, WorkflowRunNotFoundError } from "workflow/world";
import { type EventRow, type FactRow, type InboxRow, toEvent, toFact } from "workflow/world-parts";
import type { Core } from "./core.ts";
import { isStorable } from "./texts.ts";

/** A run as its owner needs it, and as rows: whoever read it knows its state and need not read it again to commit. */
export interface ReadRun {
  readonly record: RunRecord;
  readonly events: readonly EventRow[];
  readonly inbox: readonly InboxRow[];
  /** Its key. */
  readonly id: number;
  readonly generation: number;
}

/** What the engine reads. */
export interface RecordReads {
  /** @throws `WorkflowRunNotFoundError` */
  read(runId: string, after: number): Promise<ReadRun>;
  code(hash: string): Promise<StoredCode | null>;
  /** `silent`: the keys of workers that are given up and not noted as gone yet. */
  nextDueAt(silent: readonly number[]): Promise<number | null>;
}

/** `position` is the key of the run, the position of an event, the id of a fact. The run's data is its seed. */
type Row =
  | { readonly part: "run"; readonly position: number; readonly turn: number; readonly data: string }
  | { readonly part: "offer"; readonly position: number; readonly correlation_id: string }
  | ({ readonly part: "event" } & EventRow)
  | ({ readonly part: "fact"; readonly position: number } & Omit<FactRow, "id">);

/** One statement, because the parts have to be of one moment: what leaves the inbox is in the history. */
const RECORD = `
  WITH run AS MATERIALIZED (SELECT id, generation, seed FROM {schema}.runs WHERE run_id = $1)
  SELECT 'run' AS part, id AS position, generation AS turn, NULL AS type, NULL AS correlation_id, NULL::float8 AS at,
    seed AS data, NULL AS payload FROM run
  UNION ALL
  SELECT 'event', position, turn, type, correlation_id, at, data, payload FROM {schema}.events
  WHERE run = (SELECT id FROM run) AND position > $2
  UNION ALL
  SELECT 'offer', id, NULL, NULL, step_id, NULL, NULL, NULL FROM {schema}.offers WHERE run = (SELECT id FROM run)
  UNION ALL
  SELECT 'fact', id, NULL, type, correlation_id, at, data, payload FROM {schema}.inbox
  WHERE run = (SELECT id FROM run)`;

const CODE = "SELECT hash, source, map FROM {schema}.code WHERE hash = $1 AND NOT collected";

/** One index probe for the runs of nobody, and one for each dead worker. */
const EARLIEST = `
  SELECT min(due_at) AS due_at FROM (
    (SELECT due_at FROM {schema}.runs WHERE owner IS NULL AND due_at IS NOT NULL ORDER BY due_at LIMIT 1)
    UNION ALL
    SELECT (SELECT due_at FROM {schema}.runs WHERE owner = w.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1)
    FROM {schema}.workers w WHERE w.gone OR w.id = ANY ($1::bigint[])) due`;

export function createRecordReads({ database, sql, open, method }: Core): RecordReads {
  const find = sql("record", RECORD);
  const findCode = sql("code", CODE);
  const findEarliest = sql("next due", EARLIEST);

  return {
    read: method(async (runId, after) => {
      const rows = isStorable(runId) ? await database.query<Row>(find, [runId, after]) : [];
      const run = rows.find((row) => row.part === "run");
      if (run === undefined) throw new WorkflowRunNotFoundError(runId);
      const events = rows.filter((row) => row.part === "event").sort(byPosition);
      const facts = rows.filter((row) => row.part === "fact").sort(byPosition);
      const inbox = facts.map(({ position: id, ...row }): FactRow => ({ ...row, id }));
      const history = events.map((row) => toEvent(row, open));
      const offered = rows.filter((row) => row.part === "offer").map((row) => row.correlation_id);
      const record = {
        seed: run.data,
        history,
        inbox: inbox.map((row) => toFact(row, open)),
        ...(offered.length > 0 && { offered }),
      };
      return { record, events, inbox, id: run.position, generation: run.turn };
    }),
    code: method(async (hash) => {
      const [code] = isStorable(hash) ? await database.query<StoredCode>(findCode, [hash]) : [];
      return code ?? null;
    }),
    nextDueAt: method(async (silent) => {
      const [row] = await database.query<{ readonly due_at: number | null }>(findEarliest, [silent]);
      const dueAt = row?.due_at ?? null;
      return dueAt === null ? null : Math.max(dueAt, 0);
    }),
  };
}

/** The rows come in this order nearly always; a server that sorted them would have to be sure of it. */
function byPosition(a: { readonly position: number }, b: { readonly position: number }): number {
  return a.position - b.position;
}
