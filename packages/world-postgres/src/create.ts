import {
  type Claim,
  type Creation,
  FIRST_EPOCH,
  type NewRun,
  type WorkerId,
  WorkflowWorldError,
  type World,
} from "workflow/world";
import { flatten, isFindable, packWhole } from "workflow/world-parts";
import type { Batches, Write } from "./batches.ts";
import type { CallersTransactions } from "./callers-transaction.ts";
import type { Core } from "./core.ts";
import { deliveryOf, factBody, type ServerDelivery, tokenOrder } from "./deliver.ts";
import type { HeldLeases } from "./held-leases.ts";
import type { KnownRuns } from "./known-runs.ts";
import { type Joined, notJoined, raise } from "./joined.ts";
import { requireStorableEvent, requireStorableText } from "./storable.ts";

type Answer =
  | { readonly status: "created" | "not joined" | "id taken" | "no code" }
  | { readonly status: "exists"; readonly runId: string }
  | { readonly status: "resumed"; readonly delivery: ServerDelivery };

export function createCreateRun(parts: {
  readonly core: Core;
  readonly batches: Batches;
  readonly runs: KnownRuns;
  readonly joined: Joined;
  readonly creations: Map<string, Promise<unknown>>;
  readonly held: HeldLeases;
  readonly callers: CallersTransactions;
}): World["createRun"] {
  const { core, batches, runs, joined, creations, callers, held } = parts;

  return core.method(async (run, worker, { tx } = {}): Promise<Creation> => {
    if (tx !== undefined) {
      const [answer] = (await callers.write(tx, creationOf(core, run, null))) as readonly Answer[];
      return creationFrom({ ...core, hints: callers.unheard }, run, undefined, answer as Answer);
    }
    const row = worker === undefined ? null : joined.rowOf(worker);
    if (row === undefined) return raise(notJoined(worker ?? "").refusal);
    const { runId } = run;
    const write = creationOf(core, run, row);
    // The worker may commit to it before this resolves.
    if (worker !== undefined) {
      runs.begin(runId, createdEvent(run));
      held.take(worker, runId);
    }
    const answering = batches.write(write);
    if (worker !== undefined) creations.set(runId, answering);
    const [answer] = (await answering
      .finally(() => creations.delete(runId))
      .catch((error: unknown) => {
        if (worker !== undefined) {
          held.drop(worker, runId);
          held.doubt(worker);
        }
        throw error;
      })) as readonly [Answer];
    if (worker !== undefined && answer.status !== "created") held.drop(worker, runId);
    return creationFrom(core, run, worker, answer);
  });
}

function creationFrom(
  core: Pick<Core, "hints" | "open">,
  run: NewRun,
  worker: WorkerId | undefined,
  answer: Answer,
): Creation {
  const { runId, claim } = run;
  switch (answer.status) {
    case "created":
      if (worker !== undefined) return { status: "created", lease: { runId, worker, epoch: FIRST_EPOCH } };
      core.hints.work(runId, null);
      return { status: "created", lease: null };
    case "exists":
      return answer;
    case "resumed":
      return { status: "resumed", delivery: deliveryOf(core, claim?.token ?? "", runId, answer.delivery) };
    case "not joined":
      return raise(notJoined(worker ?? "").refusal);
    case "id taken":
      throw new WorkflowWorldError("INVALID_ARGUMENT", `There is a run ${runId} already`, { field: "runId" });
    default:
      throw new WorkflowWorldError(
        "INVALID_ARGUMENT",
        `The code ${run.codeHash} is not stored. Store it before its first run`,
        { field: "codeHash" },
      );
  }
}

function createdEvent({ workflowName, codeHash, attributes, createdAt }: NewRun): Parameters<KnownRuns["begin"]>[1] {
  return { type: "run_created", data: { workflowName, codeHash, attributes }, at: createdAt, position: 1, turn: 1 };
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text cannot be stored as it is. */
function creationOf(core: Core, run: NewRun, worker: number | null): Write {
  const { runId, workflowName, codeHash, attributes, input, seed, createdAt, idempotencyKey, claim } = run;
  const data = { workflowName, codeHash, attributes, ...(claim !== undefined && { token: claim.token }) };
  const created = flatten({ type: "run_created", data, payload: input, at: createdAt });
  requireStorableEvent(created);
  for (const [field, text] of Object.entries({ runId, workflowName, codeHash, seed, idempotencyKey })) {
    if (text !== undefined) requireStorableText(text, field);
  }
  return {
    kind: "creates",
    body: {
      run: runId,
      name: workflowName,
      code: codeHash,
      seed,
      at: createdAt,
      d: created[3],
      y: packWhole(input, core.keys),
      attrs: jsonTexts(attributes),
      worker,
      order: claim === undefined ? startOrder(run) : tokenOrder(claim.token),
      now: core.clock.now(),
      ...(idempotencyKey !== undefined && { key: idempotencyKey }),
      ...(claim !== undefined && { claim: claimBody(core, claim) }),
    },
  };
}

function startOrder({ workflowName, idempotencyKey }: NewRun): string | null {
  return idempotencyKey === undefined ? null : `start ${workflowName} ${idempotencyKey}`;
}

function jsonTexts(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const texts = Object.entries(attributes).map(([key, value]) => [JSON.stringify(key), JSON.stringify(value)] as const);
  return Object.fromEntries(texts);
}

function claimBody(core: Core, { token, hookId, fact, idempotencyKey }: Claim): object {
  if (!isFindable(token)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", "A run cannot claim a token that is empty or ill-formed", {
      field: "claim",
    });
  }
  requireStorableText(token, "claim");
  return { ...factBody(core, fact, idempotencyKey), token, hook: hookId };
}
