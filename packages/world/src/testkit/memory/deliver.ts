import { isEnded, WorkflowWorldError, type Address, type Delivery, type NewFact } from "workflow/world";
import type { RunRow, Tables } from "./tables.ts";

/** Adds a fact to the inbox it is addressed to, or says why nobody takes it. */
export function deliverFact(tables: Tables, to: Address, fact: NewFact): Delivery {
  return "token" in to ? deliverToToken(tables, to.token, fact) : deliverToRun(tables, to.runId, fact);
}

function deliverToToken(tables: Tables, token: string, fact: NewFact): Delivery {
  if (fact.type !== "hook_received") {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `A token takes hook_received, not ${fact.type}`, {
      field: "fact",
    });
  }
  const holder = tables.tokens.get(token);
  const row = holder && tables.runs.get(holder.runId);
  const hook = holder && row?.entities.hooks.get(holder.hookId)?.hook;
  // The empty token is what a caller has who lost its token: it never finds anybody.
  if (token === "" || row === undefined || hook === undefined) return { status: "nobody" };
  accept(tables, row, { ...fact, correlationId: hook.hookId });
  return { status: "delivered", runId: row.runId, hook };
}

function deliverToRun(tables: Tables, runId: string, fact: NewFact): Delivery {
  const row = tables.runs.get(runId);
  const run = row?.entities.run;
  if (row === undefined || run === undefined) return { status: "nobody" };
  if (isEnded(run)) return { status: "ended", runId, runStatus: run.status };
  if (fact.type === "hook_received" && !hasActiveHook(row, fact.correlationId)) return { status: "nobody" };
  const repeated = fact.type === "run_cancelled" && hasCancellation(row);
  if (!repeated) accept(tables, row, fact);
  return { status: "delivered", runId };
}

function hasActiveHook(row: RunRow, hookId: string | undefined): boolean {
  return hookId !== undefined && row.entities.hooks.get(hookId)?.status === "active";
}

export function hasCancellation(row: RunRow): boolean {
  return row.inbox.some((fact) => fact.event.type === "run_cancelled");
}

function accept(tables: Tables, row: RunRow, event: NewFact): void {
  tables.lastFactId += 1;
  row.inbox = [...row.inbox, { id: tables.lastFactId, event }];
  row.dueAt = 0;
}
