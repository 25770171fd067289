import type { DatabaseSync } from "node:sqlite";
import type { RunStatus } from "../world/entities.ts";
import { type FlatEvent, type Operation, refuse, UNREAD } from "./operations.ts";

interface Addressee {
  readonly id: number;
  readonly run_id: string;
  readonly status: RunStatus;
  readonly ended_at: number | null;
  readonly due_at: number | null;
  /** The worker that owns the run. */
  readonly owner: string | null;
}

interface HookRow extends Addressee {
  readonly hook_id: string;
  readonly is_webhook: number;
  readonly created_at: number;
  readonly metadata: string | null;
}

const OWNER = "(SELECT worker FROM workers w WHERE w.id = r.owner AND w.gone = 0) AS owner";

export function prepareDeliver(db: DatabaseSync): Operation<"deliver"> {
  const findHook = db.prepare(`
    SELECT r.id, r.run_id, r.due_at, ${OWNER}, h.hook_id, h.is_webhook, h.created_at,
      (SELECT payload FROM events WHERE id = h.event) AS metadata
    FROM hooks h JOIN runs r ON r.id = h.run WHERE h.token = ?`);
  const findRun = db.prepare(`SELECT r.id, run_id, status, ended_at, due_at, ${OWNER} FROM runs r WHERE run_id = ?`);
  const findUnread = db.prepare("SELECT 1 FROM inbox WHERE run = ? AND type = ?");
  const nextId = db.prepare("UPDATE meta SET value = value + 1 WHERE key = 'last_fact' RETURNING value");
  const findActive = db.prepare("SELECT 1 FROM hooks WHERE hook_id = ? AND run = ?");
  const insert = db.prepare("INSERT INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?)");
  const wake = db.prepare(`UPDATE runs SET due_at = ${UNREAD} WHERE id = ?`);

  const accept = (to: Addressee, [type, , at, data, payload]: FlatEvent, correlationId: string | null): void => {
    const id = nextId.get()?.["value"] as number;
    insert.run(to.id, id, type, correlationId, at, data, payload);
    if (to.due_at !== UNREAD) wake.run(to.id);
  };

  const toHook = (token: string, fact: FlatEvent): ReturnType<Operation<"deliver">> => {
    if (fact[0] !== "hook_received") {
      return refuse("INVALID_ARGUMENT", `A token takes hook_received, not ${fact[0]}`, "fact");
    }
    const hook = findHook.get(token) as HookRow | undefined;
    if (hook === undefined) return { value: { status: "nobody" } };
    accept(hook, fact, hook.hook_id);
    const flat = [hook.hook_id, hook.is_webhook === 1, hook.created_at, hook.metadata] as const;
    return { value: { status: "delivered", runId: hook.run_id, owner: hook.owner, hook: flat } };
  };

  const toRun = (runId: string, fact: FlatEvent): ReturnType<Operation<"deliver">> => {
    const run = findRun.get(runId) as Addressee | undefined;
    if (run === undefined) return { value: { status: "nobody" } };
    if (run.ended_at !== null) return { value: { status: "ended", runStatus: run.status } };
    const [type, correlationId] = fact;
    if (type === "hook_received" && findActive.get(correlationId, run.id) === undefined) {
      return { value: { status: "nobody" } };
    }
    const repeated = type === "run_cancelled" && findUnread.get(run.id, type) !== undefined;
    if (!repeated) accept(run, fact, correlationId);
    return { value: { status: "delivered", runId, owner: run.owner, hook: null } };
  };

  return ({ token, runId, fact }) => (token === null ? toRun(runId ?? "", fact) : toHook(token, fact));
}
