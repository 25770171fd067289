import {
  changed,
  isEnded,
  requireRoom,
  WorkflowWorldError,
  type Address,
  type Delivery,
  type DeliverOptions,
  type Hook,
  type NewFact,
  type WorkflowRun,
} from "workflow/world";
import { hold } from "./held.ts";
import { holderOf, isOpen } from "./holder.ts";
import { recall, remember } from "./keys.ts";
import type { Received, RunRow, Tables } from "./tables.ts";

/** Adds a fact to the inbox it is addressed to, or says why nobody takes it. */
export function deliverFact(
  tables: Tables,
  to: Address,
  fact: NewFact,
  options: DeliverOptions,
  now: number,
): Delivery {
  if (!("token" in to)) return deliverToRun(tables, to.runId, fact, now);
  if (fact.type !== "hook_received") {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `A token takes hook_received, not ${fact.type}`, {
      field: "fact",
    });
  }
  const event = keyed(fact, options.idempotencyKey);
  const decision = decideDelivery(tables, to.token, event, now);
  const { holdUntil } = options;
  if (decision.kind === "free" && holdUntil !== undefined && holdUntil > now)
    return hold(tables, to.token, event, holdUntil, now);
  return carryOut(tables, decision, event, now);
}

/** What to do with a payload that comes for a token. */
export type Decision =
  /** The key was used before, for a payload that this hook got, or that is held until then. */
  | { readonly kind: "duplicate"; readonly hook: Hook }
  | { readonly kind: "heldBefore"; readonly until: number }
  | { readonly kind: "inbox"; readonly hook: Hook }
  /** It waits for a hook that its run has not created yet. */
  | { readonly kind: "wait"; readonly hook: Hook }
  /** Nobody takes payloads for the token, and nobody can claim it. */
  | { readonly kind: "closed" }
  | { readonly kind: "free" };

export function decideDelivery(tables: Tables, token: string, event: Received, now: number): Decision {
  // The empty token is what a caller has who lost its token: it never finds anybody.
  if (token === "") return { kind: "closed" };
  const known = recall(tables, token, event.data.idempotencyKey, now);
  if (known?.went.to === "hook") return { kind: "duplicate", hook: known.went.hook };
  const holder = holderOf(tables, token, now);
  switch (holder.kind) {
    case "hook":
      return { kind: "inbox", hook: holder.hook };
    case "reservation":
      return { kind: "wait", hook: holder.hook };
    case "retained":
      return { kind: "closed" };
    case "nobody":
      return known?.went.to === "held" ? { kind: "heldBefore", until: known.went.until } : { kind: "free" };
  }
}

export function carryOut(tables: Tables, decision: Decision, event: Received, now: number): Delivery {
  switch (decision.kind) {
    case "duplicate":
      return { status: "duplicate", runId: decision.hook.runId, hook: decision.hook };
    case "heldBefore":
      return { status: "held", until: decision.until, repeated: true };
    case "inbox":
    case "wait": {
      const { hook } = decision;
      const row = tables.runs.get(hook.runId);
      if (row === undefined) throw new Error(`Hook ${hook.hookId} has no run`);
      if (decision.kind === "inbox") accept(tables, row, { ...event, correlationId: hook.hookId });
      else row.waiting = [...row.waiting, { token: hook.token, event }];
      remember(tables, hook.token, event.data.idempotencyKey, { acceptedAt: now, went: { to: "hook", hook } });
      return { status: "delivered", runId: hook.runId, hook };
    }
    case "closed":
    case "free":
      return { status: "nobody" };
  }
}

/** The key stays with the payload, into the history. */
export function keyed(event: Received, idempotencyKey: string | undefined): Received {
  return idempotencyKey === undefined ? event : { ...event, data: { ...event.data, idempotencyKey } };
}

function deliverToRun(tables: Tables, runId: string, fact: NewFact, now: number): Delivery {
  const row = tables.runs.get(runId);
  const run = row?.entities.run;
  if (row === undefined || run === undefined) return { status: "nobody" };
  if (isEnded(run)) return { status: "ended", runId, runStatus: run.status };
  if (fact.type === "hook_received" && !hasOpenHook(row, fact.correlationId, now)) return { status: "nobody" };
  if (fact.type === "attr_set") requireRoom(attributesAhead(row, run), fact.data.changes);
  const repeated = fact.type === "run_cancelled" && hasCancellation(row);
  if (!repeated) accept(tables, row, fact);
  return { status: "delivered", runId };
}

/** What the run has once all that waits is in its history. */
function attributesAhead(row: RunRow, run: WorkflowRun): WorkflowRun["attributes"] {
  return row.inbox.reduce(
    (all, { event }) => (event.type === "attr_set" ? changed(all, event.data.changes) : all),
    run.attributes,
  );
}

function hasOpenHook(row: RunRow, hookId: string | undefined, now: number): boolean {
  const state = hookId === undefined ? undefined : row.entities.hooks.get(hookId);
  return state !== undefined && isOpen(state, now);
}

export function hasCancellation(row: RunRow): boolean {
  return row.inbox.some((fact) => fact.event.type === "run_cancelled");
}

function accept(tables: Tables, row: RunRow, event: NewFact): void {
  tables.lastFactId += 1;
  row.inbox = [...row.inbox, { id: tables.lastFactId, event }];
  row.dueAt = 0;
}
