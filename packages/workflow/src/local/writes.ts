import { WorkflowWorldError } from "../world/errors.ts";
import { noTransactions, refuseTransaction } from "../world/no-transactions.ts";
import type { Claim, CodeStore, Creation, Delivery, Lease, NewRun, Turn, World } from "../world/world.ts";
import type { Core } from "./core.ts";
import { type FlatClaim, type FlatDelivery, flatten, isFindable } from "../world-parts/flat.ts";
import { type FlatLease, type Requests } from "./operations.ts";
import { hookOf } from "../world-parts/rows.ts";

export function createCodeWrites({ writer, clock, method }: Core): Pick<CodeStore, "put" | "collect"> {
  return {
    collect: method((storedBefore) => writer.request({ kind: "collectCode", storedBefore })),
    put: method(async ({ hash, source, map }) => {
      await writer.request({ kind: "putCode", now: clock.now(), hash, source, map });
    }),
  };
}

/** What changes runs. Hints follow once the change is durable. */
export function createRunWrites(core: Core): Pick<World, "createRun" | "commit" | "deliver" | "transact"> {
  const { writer, clock, hints, method } = core;
  return {
    createRun: method(async (run, worker, options): Promise<Creation> => {
      refuseTransaction(options);
      const answer = await writer.request(createRequest(run, worker, clock.now()));
      if (answer.status === "exists") return answer;
      const { runId, claim } = run;
      if (answer.status === "resumed") {
        return { status: "resumed", delivery: deliveryOf(core, claim?.token ?? "", runId, answer.delivery) };
      }
      if (worker !== undefined) return { status: "created", lease: { runId, worker, epoch: answer.epoch } };
      hints.work(runId, null);
      return { status: "created", lease: null };
    }),
    commit: method(async (lease, turn) => {
      if (turn.offers !== undefined) {
        throw new WorkflowWorldError("INVALID_ARGUMENT", "This World does not share steps: a turn cannot offer any", {
          field: "offers",
        });
      }
      const answer = await writer.request(commitRequest(lease, turn, clock.now()));
      const { conflicts, unread, ended, notified, received } = answer;
      for (const hookId of received) hints.received(hookId);
      if (ended) hints.ended(lease.runId);
      for (const [runId, owner] of notified) hints.work(runId, owner);
      return { conflicts, unread };
    }),
    deliver: method(async (to, fact, options = {}): Promise<Delivery> => {
      refuseTransaction(options);
      const token = "token" in to ? to.token : null;
      const runId = "runId" in to ? to.runId : null;
      if (token !== null && !isFindable(token)) return { status: "nobody" };
      const { idempotencyKey: key = null, holdUntil = null } = options;
      const now = clock.now();
      const answer = await writer.request({ kind: "deliver", token, runId, fact: flatten(fact), now, key, holdUntil });
      const isForHook = runId !== null && fact.type === "hook_received" && answer.status === "delivered";
      if (isForHook && fact.correlationId !== undefined) hints.received(fact.correlationId);
      return deliveryOf(core, token ?? "", runId ?? "", answer);
    }),
    transact: method(() => {
      throw noTransactions("A transactional step cannot run");
    }),
  };
}

/** What became of a fact; who has to hear of it is told. */
function deliveryOf({ hints }: Core, token: string, runId: string, answer: FlatDelivery): Delivery {
  switch (answer.status) {
    case "delivered": {
      hints.work(answer.runId, answer.owner);
      if (answer.hook === null) return { status: "delivered", runId: answer.runId };
      const hook = hookOf(answer.runId, token, answer.hook);
      if (hook.isSystem) hints.received(hook.hookId);
      return { status: "delivered", runId: answer.runId, hook };
    }
    case "duplicate":
      return { ...answer, hook: hookOf(answer.runId, token, answer.hook) };
    case "ended":
      return { ...answer, runId };
    default:
      return answer;
  }
}

/** @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text cannot be stored as it is. */
function createRequest(run: NewRun, worker: string | undefined, now: number): Requests["createRun"] {
  const { runId, workflowName, codeHash, attributes, input, seed, createdAt, idempotencyKey, claim } = run;
  const data = { workflowName, codeHash, attributes, ...(claim !== undefined && { token: claim.token }) };
  return {
    kind: "createRun",
    runId,
    workflowName,
    codeHash,
    seed,
    created: flatten({ type: "run_created", data, payload: input, at: createdAt }),
    worker: worker ?? null,
    now,
    startKey: idempotencyKey ?? null,
    claim: claim === undefined ? null : flatClaim(claim),
  };
}

function flatClaim({ token, hookId, fact, idempotencyKey }: Claim): FlatClaim {
  if (!isFindable(token)) {
    throw new WorkflowWorldError("INVALID_ARGUMENT", "A run cannot claim a token that is empty or ill-formed", {
      field: "claim",
    });
  }
  return { token, hookId, fact: flatten(fact), key: idempotencyKey ?? null };
}

function commitRequest({ runId, worker, epoch }: Lease, turn: Turn, now: number): Requests["commit"] {
  const entries = turn.entries.map((entry) => {
    if (entry.kind === "continue") return entry;
    return entry.kind === "event" ? flatten(entry.event) : ([entry.factId, entry.undelivered] as const);
  });
  const { after, dueAt, drops } = turn;
  return { kind: "commit", runId, worker, epoch, after, now, dueAt, entries, drops };
}

/** What changes who owns what. */
export function createWorkerWrites({
  writer,
  clock,
  hints,
  method,
}: Core): Pick<World, "join" | "renew" | "leave" | "lease" | "leaseRun" | "release"> {
  const membership = (kind: "join" | "renew" | "leave"): World["join"] =>
    method(async (worker) => {
      await writer.request({ kind, worker, elapsed: clock.elapsed() });
      if (kind !== "renew") hints.member(worker, kind === "join");
    });

  return {
    join: membership("join"),
    renew: membership("renew"),
    leave: membership("leave"),
    lease: method(async (worker, want) => {
      const leases = await writer.request({
        kind: "lease",
        worker,
        want,
        now: clock.now(),
        elapsed: clock.elapsed(),
      });
      return leases.map((lease) => leaseOf(worker, lease));
    }),
    leaseRun: method(async (worker, runId) => {
      const lease = await writer.request({ kind: "leaseRun", worker, runId, elapsed: clock.elapsed() });
      return lease === null ? null : leaseOf(worker, lease);
    }),
    release: method(async ({ runId, worker, epoch }, { dueAt, problem }) => {
      const parked = { dueAt, problem: problem === undefined ? null : JSON.stringify(problem) };
      const due = await writer.request({
        kind: "release",
        worker,
        runId,
        epoch,
        ...parked,
        now: clock.now(),
      });
      if (due) hints.work(runId, null);
    }),
  };
}

function leaseOf(worker: string, [runId, epoch]: FlatLease): Lease {
  return { runId, worker, epoch };
}
