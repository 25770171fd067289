import { advance, emptyState, type Continuation, type StoredEvent } from "workflow/world";
import { forgetAwaited } from "./awaited.ts";
import { isOpen, holderOf } from "./holder.ts";
import { redirect } from "./keys.ts";
import type { Received, RunRow, Tables } from "./tables.ts";

/** Replaces the history of a run by the beginning of its next generation, and keeps what came for its hooks. */
export function continueAsNew(tables: Tables, row: RunRow, continuation: Continuation, now: number): void {
  const received = [...untaken(row, continuation), ...unread(row)];
  const waiting = received.flatMap((event) => {
    const state = row.entities.hooks.get(event.correlationId ?? "");
    const { correlationId: _, ...rest } = event;
    return state !== undefined && isOpen(state, now) ? [{ token: state.hook.token, event: rest }] : [];
  });
  row.waiting = [...row.waiting, ...waiting];
  row.inbox = row.inbox.filter(({ event: { type } }) => type === "run_cancelled" || type === "attr_set");
  forgetAwaited(tables, row);
  begin(row, continuation);
  for (const { token, hookId } of continuation.hooks) {
    tables.tokens.set(token, { runId: row.runId, hookId });
    const holder = holderOf(tables, token, now);
    if (holder.kind !== "reservation") throw new Error(`Run ${row.runId} has lost ${token} while it continued`);
    for (const key of tables.keys.get(token)?.keys() ?? []) redirect(tables, holder.hook, key);
  }
}

function untaken({ history }: RunRow, { untaken: positions }: Continuation): readonly Received[] {
  return history
    .filter(
      (event): event is StoredEvent<"hook_received"> =>
        event.type === "hook_received" && positions.includes(event.position),
    )
    .map(({ position: _position, turn: _turn, ...event }) => event);
}

function unread({ inbox }: RunRow): readonly Received[] {
  return inbox.map(({ event }) => event).filter((event) => event.type === "hook_received");
}

function begin(row: RunRow, { codeHash, input, at }: Continuation): void {
  const run = row.entities.run;
  if (run === undefined) throw new Error(`Run ${row.runId} has no history`);
  const { workflowName, attributes, generation = 0, createdAt } = run;
  const data = { workflowName, codeHash, attributes, generation: generation + 1, since: createdAt.getTime() };
  const created: StoredEvent = { type: "run_created", data, payload: input, at, position: 1, turn: 1 };
  row.history = [created];
  row.entities = emptyState();
  advance(row.runId, row.entities, created);
  row.turns = 1;
  row.problem = undefined;
  row.dueAt = 0;
}
