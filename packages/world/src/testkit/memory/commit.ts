import { type Committed, type Turn, WorkflowWorldError } from "workflow/world";
import { awaitRun, settleAwaiting } from "./awaited.ts";
import { continueAsNew } from "./continue.ts";
import { Draft } from "./draft.ts";
import { expire } from "./expire.ts";
import { handOver } from "./held.ts";
import { redirect } from "./keys.ts";
import { offerSteps, withdraw } from "./offers.ts";
import type { RunRow, Tables } from "./tables.ts";

/** Writes a turn whose lease has been checked, or throws and writes nothing. */
export function commitTurn(tables: Tables, row: RunRow, turn: Turn, now: number): Written {
  const draft = new Draft(tables, row, now);
  for (const factId of turn.drops) draft.drop(factId);
  for (const entry of turn.entries) draft.enter(entry);
  const { codeHash } = draft.continuation ?? {};
  if (codeHash !== undefined && !tables.code.has(codeHash))
    throw new WorkflowWorldError("PRECONDITION_FAILED", `The code ${codeHash} is not stored, or not any more`);
  write(tables, row, draft, turn.dueAt);
  const over = draft.ended || draft.continuation !== undefined;
  if (over || draft.events.some(({ type }) => type === "cancel_requested")) withdraw(tables, row);
  offerSteps(tables, row, turn);
  for (const event of over ? [] : draft.events) {
    if (event.type === "step_created" && event.data.awaits !== undefined) awaitRun(tables, row, event, now);
  }
  if (draft.continuation !== undefined) continueAsNew(tables, row, draft.continuation, now);
  const notified = draft.ended ? settleAwaiting(tables, row, now) : [];
  if (row.entities.run?.expiredAt !== undefined) expire(tables, row);
  return { conflicts: draft.conflicts, unread: row.inbox.length > 0, notified };
}

/** What was committed, and the runs that have to hear of it. */
interface Written extends Committed {
  readonly notified: readonly string[];
}

function write(tables: Tables, row: RunRow, draft: Draft, dueAt: number | null): void {
  for (const event of draft.events) row.history.push(event);
  if (draft.changes.run !== undefined) row.entities.run = draft.changes.run;
  for (const [id, step] of draft.changes.steps) row.entities.steps.set(id, step);
  for (const [id, hook] of draft.changes.hooks) row.entities.hooks.set(id, hook);
  for (const [id, wait] of draft.changes.waits) row.entities.waits.set(id, wait);
  for (const [token, address] of draft.tokens) tables.tokens.set(token, address);
  for (const { hook, events } of draft.arrivals)
    for (const { data } of events) redirect(tables, hook, data.idempotencyKey);
  handOver(tables, draft.handedOver);
  tables.lastFactId = draft.lastFactId;
  row.waiting = draft.waiting;
  row.retained = draft.retained;
  row.turns += 1;
  row.inbox = [...draft.inbox.values()];
  row.problem = undefined;
  row.dueAt = row.inbox.length > 0 ? 0 : dueAt;
  if (draft.ended) {
    row.dueAt = null;
    row.owner = null;
  }
}
