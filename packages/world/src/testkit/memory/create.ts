import {
  advance,
  emptyState,
  WorkflowWorldError,
  type Claim,
  type Creation,
  type NewRun,
  type StoredEvent,
} from "workflow/world";
import { carryOut, decideDelivery, keyed, type Decision } from "./deliver.ts";
import { handOver, heldFor } from "./held.ts";
import { holderOf } from "./holder.ts";
import { redirect, remember } from "./keys.ts";
import type { RunRow, Tables } from "./tables.ts";

/** A new run that nobody has worked on yet, due at once; or the one that its key or its token led to. */
export type Created =
  | { readonly kind: "row"; readonly row: RunRow }
  | { readonly kind: "not"; readonly creation: Exclude<Creation, { readonly status: "created" }> };

export function createRow(tables: Tables, run: NewRun, now: number): Created {
  const first = runOfKey(tables, run);
  if (first !== undefined) return { kind: "not", creation: { status: "exists", runId: first.runId } };
  const { claim } = run;
  if (claim === undefined) return { kind: "row", row: store(tables, run) };
  const event = keyed(claim.fact, claim.idempotencyKey);
  const decision = decideDelivery(tables, claim.token, event, now);
  if (decision.kind !== "free" && decision.kind !== "heldBefore") {
    return { kind: "not", creation: { status: "resumed", delivery: carryOut(tables, decision, event, now) } };
  }
  const row = store(tables, run);
  reserve(tables, row, claim, decision, now);
  return { kind: "row", row };
}

function runOfKey(tables: Tables, { workflowName, idempotencyKey }: NewRun): RunRow | undefined {
  if (idempotencyKey === undefined) return undefined;
  return [...tables.runs.values()].find(
    (row) => row.idempotencyKey === idempotencyKey && row.entities.run?.workflowName === workflowName,
  );
}

/** The run owns the token from now on; what came for it before waits with it, and then what it was created with. */
function reserve(tables: Tables, row: RunRow, claim: Claim, decision: Decision, now: number): void {
  tables.tokens.set(claim.token, { runId: row.runId, hookId: claim.hookId });
  const holder = holderOf(tables, claim.token, now);
  if (holder.kind !== "reservation") throw new Error(`Run ${row.runId} did not get the token it was created with`);
  const held = heldFor(tables, claim.token, now);
  handOver(tables, held);
  row.waiting = held.map(({ event }) => ({ token: claim.token, event }));
  for (const { event } of row.waiting) redirect(tables, holder.hook, event.data.idempotencyKey);
  if (decision.kind === "heldBefore") return;
  row.waiting = [...row.waiting, { token: claim.token, event: keyed(claim.fact, claim.idempotencyKey) }];
  const went = { to: "hook", hook: holder.hook } as const;
  remember(tables, claim.token, claim.idempotencyKey, { acceptedAt: now, went });
}

function store(tables: Tables, run: NewRun): RunRow {
  requireNew(tables, run);
  const { workflowName, codeHash, attributes, claim } = run;
  const created: StoredEvent<"run_created"> = {
    type: "run_created",
    data: { workflowName, codeHash, attributes, ...(claim !== undefined && { token: claim.token }) },
    payload: run.input,
    at: run.createdAt,
    position: 1,
    turn: 1,
  };
  const entities = emptyState();
  advance(run.runId, entities, created);
  const row: RunRow = {
    runId: run.runId,
    seed: run.seed,
    idempotencyKey: run.idempotencyKey,
    entities,
    history: [created],
    inbox: [],
    waiting: [],
    awaiting: [],
    retained: new Set(),
    turns: 1,
    dueAt: 0,
    problem: undefined,
    epoch: 0,
    owner: null,
  };
  tables.runs.set(run.runId, row);
  return row;
}

function requireNew(tables: Tables, { codeHash, runId }: NewRun): void {
  if (!tables.code.has(codeHash)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `The code ${codeHash} is not stored`, { field: "codeHash" });
  }
  if (tables.runs.has(runId)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", `The run ${runId} exists already`, { field: "runId" });
  }
}
