import type { DatabaseSync } from "node:sqlite";
import type { WorkflowRun } from "../world/entities.ts";
import { createdAnew } from "../world-parts/next-generation.ts";
import type { Awaited } from "./awaited.ts";
import type { EventStore } from "./blobs.ts";
import { eventKey, ofRunSql } from "./event-keys.ts";
import { type FlatContinuation, UNREAD } from "../world-parts/flat.ts";
import type { RunStates } from "./run-states.ts";
import type { TokenTables } from "./token-tables.ts";
import { STATE } from "../world-parts/tokens.ts";
import { takingSql } from "./tokens.ts";

/**
 * Replaces the history of a run by the beginning of its next generation, and keeps what came for its hooks. Says
 * whether facts wait for it.
 */
export type Continue = (run: number, before: WorkflowRun, continuation: FlatContinuation, now: number) => boolean;

/** SQL for rows `h` whose hook is active. */
const ACTIVE = `h.state = ${STATE.active} AND ${takingSql(":now")}`;

export function prepareContinue(
  db: DatabaseSync,
  events: EventStore,
  states: RunStates,
  awaited: Awaited,
  { newFactId }: Pick<TokenTables, "newFactId">,
): Continue {
  const keepUntaken = db.prepare(`
    INSERT INTO held SELECT :id, h.token, json_extract(e.data, '$.idempotencyKey'), e.at, :now, NULL, h.run,
      length(coalesce(e.payload, '')), e.data, e.payload
    FROM events e JOIN hooks h INDEXED BY hooks_by_id ON h.hook_id = e.correlation_id AND h.run = :run AND ${ACTIVE}
    WHERE e.id = :event`);
  const unread = db.prepare("SELECT id FROM inbox WHERE run = ? AND type = 'hook_received' ORDER BY id");
  const keepUnread = db.prepare(`
    INSERT INTO held SELECT :id, h.token, json_extract(i.data, '$.idempotencyKey'), i.at, :now, NULL, h.run,
      length(coalesce(i.payload, '')), i.data, i.payload
    FROM inbox i JOIN hooks h INDEXED BY hooks_by_id ON h.hook_id = i.correlation_id AND h.run = i.run AND ${ACTIVE}
    WHERE i.run = :run AND i.id = :fact`);
  // What was said to the run as a whole is for whichever generation reads it.
  const clearInbox = db.prepare("DELETE FROM inbox WHERE run = ? AND type NOT IN ('run_cancelled', 'attr_set')");
  const isInboxInUse = db.prepare("SELECT 1 FROM inbox WHERE run = ? LIMIT 1");
  const own = db.prepare(`
    UPDATE hooks AS h SET state = ${STATE.owned}, hook_id = :hookId, event = :event, is_webhook = 0, created_at = :createdAt,
      expires_at = NULL, retained_until = NULL
    WHERE h.token = :token AND h.run = :run AND ${ACTIVE}`);
  const tokens = db.prepare(`
    SELECT DISTINCT json_extract(data, '$.token') AS token FROM events WHERE ${ofRunSql(":run")} AND type = 'hook_created'`);
  // The event that told more about the hook is gone.
  const forgetHook = db.prepare("UPDATE keys SET event = :event WHERE token = :token AND run = :run");
  const redirect = db.prepare("UPDATE keys SET hook_id = ? WHERE token = ? AND run = ?");
  const removeHooks = db.prepare(`DELETE FROM hooks WHERE run = ? AND state = ${STATE.active}`);
  const clearHistory = db.prepare(`DELETE FROM events WHERE ${ofRunSql(":run")}`);
  const begin = db.prepare("INSERT INTO events VALUES (?, 'run_created', NULL, 1, ?, ?, ?)");
  const reset = db.prepare(`
    UPDATE runs SET code = (SELECT id FROM code WHERE hash = ?), status = 'pending', started_at = NULL, cancelling = NULL, updated_at = NULL, length = 1,
      turn = 1, generation = generation + 1, problem = NULL, due_at = ? WHERE id = ?`);
  const needCode = db.prepare("UPDATE code SET needed_from = min(needed_from, ?) WHERE hash = ?");

  return (run, before, { codeHash, input, at, hooks, untaken }, now) => {
    for (const position of untaken) keepUntaken.run({ id: newFactId(), now, run, event: eventKey(run, position) });
    for (const { id } of unread.all(run) as { id: number }[]) keepUnread.run({ id: newFactId(), now, run, fact: id });
    clearInbox.run(run);
    const event = eventKey(run, 1);
    const createdAt = before.createdAt.getTime();
    for (const { token } of tokens.all({ run }) as { token: string }[]) forgetHook.run({ event, token, run });
    for (const { token, hookId } of hooks) {
      const { changes } = own.run({ token, hookId, event, createdAt, run, now });
      if (Number(changes) > 0) redirect.run(hookId, token, run);
    }
    removeHooks.run(run);
    clearHistory.run({ run });
    const created = createdAnew(before, codeHash, at);
    begin.run(event, at, JSON.stringify(created.data), events.store(input));
    awaited.forget(run);
    const hasFacts = isInboxInUse.get(run) !== undefined;
    reset.run(codeHash, hasFacts ? UNREAD : 0, run);
    needCode.run(run, codeHash);
    states.forget(run);
    states.begin(run, before.runId, created);
    return hasFacts;
  };
}
