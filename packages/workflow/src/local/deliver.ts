import type { DatabaseSync } from "node:sqlite";
import { countFaultAfter, sentence } from "../world/attributes.ts";
import type { RunStatus } from "../world/entities.ts";
import type { EventData } from "../world/events.ts";
import { prepareAttributeRows } from "./attributes.ts";
import type { Store } from "./blobs.ts";
import { preparePost } from "./facts.ts";
import { type FlatDelivery, type FlatEvent, refuse } from "../world-parts/flat.ts";
import { type Operation } from "./operations.ts";
import type { Resume } from "./resume.ts";
import { STATE } from "../world-parts/tokens.ts";
import { OWNER_SQL, takingSql } from "./tokens.ts";

interface Addressee {
  readonly id: number;
  readonly status: RunStatus;
  readonly ended_at: number | null;
  readonly due_at: number | null;
  /** The worker that owns the run. */
  readonly owner: string | null;
}

export function prepareDeliver(
  db: DatabaseSync,
  store: Store,
  resume: (resume: Resume) => FlatDelivery,
): Operation<"deliver"> {
  const findRun = db.prepare(`SELECT id, status, ended_at, due_at, ${OWNER_SQL} AS owner FROM runs r WHERE run_id = ?`);
  const findUnread = db.prepare("SELECT 1 FROM inbox WHERE run = ? AND type = ?");
  const findActive = db.prepare(`
    SELECT 1 FROM hooks h INDEXED BY hooks_by_id WHERE h.hook_id = ? AND h.run = ? AND h.state = ${STATE.active} AND ${takingSql("?")}`);
  const post = preparePost(db, store);
  const attributes = prepareAttributeRows(db);

  const toRun = (runId: string, fact: FlatEvent, now: number): ReturnType<Operation<"deliver">> => {
    const run = findRun.get(runId) as Addressee | undefined;
    if (run === undefined) return { value: { status: "nobody" } };
    if (run.ended_at !== null) return { value: { status: "ended", runStatus: run.status } };
    const [type, correlationId, , data] = fact;
    if (type === "hook_received" && findActive.get(correlationId, run.id, now) === undefined) {
      return { value: { status: "nobody" } };
    }
    if (type === "attr_set") {
      const { changes } = JSON.parse(data ?? "{}") as EventData["attr_set"];
      const why = countFaultAfter(attributes.ahead(run.id), changes);
      if (why !== undefined) return refuse("INVALID_ARGUMENT", sentence(why), "attributes");
    }
    const repeated = type === "run_cancelled" && findUnread.get(run.id, type) !== undefined;
    if (!repeated) post({ run: run.id, dueAt: run.due_at }, fact, correlationId);
    return { value: { status: "delivered", runId, owner: run.owner, hook: null } };
  };

  return ({ token, runId, fact, key, holdUntil, now }) => {
    if (token === null) return toRun(runId ?? "", fact, now);
    if (fact[0] !== "hook_received") {
      return refuse("INVALID_ARGUMENT", `A token takes hook_received, not ${fact[0]}`, "fact");
    }
    return { value: resume({ token, fact, key, holdUntil, now }) };
  };
}
