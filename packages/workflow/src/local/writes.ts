import type { CodeStore, Creation, Delivery, Lease, Turn, World } from "../world/world.ts";
import type { Core } from "./core.ts";
import { flatten, type FlatLease, isFindable, type Requests } from "./operations.ts";
import { hookOf } from "./rows.ts";

export function createCodeWrites({ writer, method }: Core): Pick<CodeStore, "put" | "collect"> {
  return {
    collect: method(() => writer.request({ kind: "collectCode" })),
    put: method(async ({ hash, source, map }) => {
      await writer.request({ kind: "putCode", hash, source, map });
    }),
  };
}

/** What changes runs. Hints follow once the change is durable. */
export function createRunWrites({ writer, hints, method }: Core): Pick<World, "createRun" | "commit" | "deliver"> {
  return {
    createRun: method(async (run, worker): Promise<Creation> => {
      const { runId, workflowName, codeHash, attributes, input, seed, createdAt } = run;
      const data = { workflowName, codeHash, attributes };
      const created = flatten({ type: "run_created", data, payload: input, at: createdAt });
      const names = { runId, workflowName, codeHash, seed, created, worker: worker ?? null };
      const epoch = await writer.request({ kind: "createRun", ...names });
      if (worker !== undefined) return { status: "created", lease: { runId, worker, epoch } };
      hints.work(runId, null);
      return { status: "created", lease: null };
    }),
    commit: method(async (lease, turn) => {
      const { ended, ...committed } = await writer.request(commitRequest(lease, turn));
      if (ended) hints.ended(lease.runId);
      return committed;
    }),
    deliver: method(async (to, fact): Promise<Delivery> => {
      const token = "token" in to ? to.token : null;
      const runId = "runId" in to ? to.runId : null;
      if (token !== null && !isFindable(token)) return { status: "nobody" };
      const answer = await writer.request({ kind: "deliver", token, runId, fact: flatten(fact) });
      if (answer.status === "nobody") return answer;
      if (answer.status === "ended") return { ...answer, runId: runId ?? "" };
      hints.work(answer.runId, answer.owner);
      const hook = answer.hook === null ? {} : { hook: hookOf(answer.runId, token ?? "", answer.hook) };
      return { status: "delivered", runId: answer.runId, ...hook };
    }),
  };
}

function commitRequest({ runId, worker, epoch }: Lease, turn: Turn): Requests["commit"] {
  const entries = turn.entries.map((entry) =>
    entry.kind === "event" ? flatten(entry.event) : ([entry.factId, entry.undelivered] as const),
  );
  const { after, dueAt, drops } = turn;
  return { kind: "commit", runId, worker, epoch, after, dueAt, entries, drops };
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
