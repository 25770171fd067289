import type { Committed, Turn } from "workflow/world";
import { Draft } from "./draft.ts";
import type { RunRow, Tables } from "./tables.ts";

/** Writes a turn whose lease has been checked, or throws and writes nothing. */
export function commitTurn(tables: Tables, row: RunRow, turn: Turn): Committed {
  const draft = new Draft(tables, row);
  for (const factId of turn.drops) draft.drop(factId);
  for (const entry of turn.entries) draft.enter(entry);
  write(tables, row, draft, turn.dueAt);
  return { conflicts: draft.conflicts, unread: row.inbox.length > 0 };
}

function write(tables: Tables, row: RunRow, draft: Draft, dueAt: number | null): void {
  for (const event of draft.events) row.history.push(event);
  if (draft.changes.run !== undefined) row.entities.run = draft.changes.run;
  for (const [id, step] of draft.changes.steps) row.entities.steps.set(id, step);
  for (const [id, hook] of draft.changes.hooks) row.entities.hooks.set(id, hook);
  for (const [id, wait] of draft.changes.waits) row.entities.waits.set(id, wait);
  for (const [token, holder] of draft.tokens) {
    if (holder === null) tables.tokens.delete(token);
    else tables.tokens.set(token, holder);
  }
  row.turns += 1;
  row.inbox = [...draft.inbox.values()];
  row.problem = undefined;
  row.dueAt = row.inbox.length > 0 ? 0 : dueAt;
  if (draft.ended) {
    row.dueAt = null;
    row.owner = null;
  }
}
