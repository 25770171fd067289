import { advance, emptyState, TENANCY, type Continuation, type StoredEvent } from "workflow/world";
import { forgetAwaited } from "./awaited.ts";
import { isOpen, holderOf } from "./holder.ts";
import { redirect } from "./keys.ts";
import type { Received, RunRow, Tables } from "./tables.ts";

/** Replaces the history of a run by the beginning of its next generation, and keeps what came for its hooks. */
export function continueAsNew(tables: Tables, row: RunRow, continuation: Continuation, now: number): void {
  const kept = new Map(
    continuation.hooks
      .filter(({ token }) => has(tables, row, token, now))
      .toReversed()
      .map(({ token, hookId }) => [token, hookId]),
  );
  const lost = tokensOf(tables, row);
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
  for (const token of lost) tables.tokens.delete(token);
  for (const [token, hookId] of kept) tables.tokens.set(token, { runId: row.runId, hookId });
  forgetHooks(tables, row, kept);
}

/** Of hooks whose history is gone, keys know no more than their id, or that of the one that follows. */
function forgetHooks(tables: Tables, row: RunRow, kept: ReadonlyMap<string, string>): void {
  const { runId, entities } = row;
  const createdAt = entities.run?.createdAt ?? new Date(0);
  for (const [token, keys] of tables.keys) {
    for (const [key, { went }] of keys) {
      if (went.to !== "hook" || went.hook.runId !== runId) continue;
      const hookId = kept.get(token) ?? went.hook.hookId;
      redirect(tables, { runId, hookId, token, ...TENANCY, createdAt, isWebhook: false }, key);
    }
  }
}

/** The tokens whose last hook was one of the run, active or not. */
function tokensOf(tables: Tables, { runId, entities }: RunRow): readonly string[] {
  const own = [...tables.tokens].filter(([, last]) => last.runId === runId && entities.hooks.has(last.hookId));
  return own.map(([token]) => token);
}

function has(tables: Tables, { runId }: RunRow, token: string, now: number): boolean {
  const holder = holderOf(tables, token, now);
  return holder.kind === "hook" && holder.hook.runId === runId;
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
