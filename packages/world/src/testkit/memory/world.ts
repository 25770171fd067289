import {
  ANSWER_MEMORY_MS,
  isEnded,
  LeaseLostError,
  noTransactions,
  refuseTransaction,
  systemClock,
  WorkflowWorldError,
  type AnswerStore,
  type Clock,
  type CodeStore,
  type Hint,
  type HookReads,
  type Payload,
  type RunReads,
  type World,
} from "workflow/world";
import { commitTurn } from "./commit.ts";
import { createRow } from "./create.ts";
import { deliverFact } from "./deliver.ts";
import { firstPayload, receivedHints } from "./first-payload.ts";
import { createHints, untilTold, type Hints } from "./hints.ts";
import {
  earliestDue,
  giveUp,
  giveUpSilent,
  isDue,
  leaseDue,
  leasedRow,
  leaseOne,
  park,
  requireMember,
  take,
} from "./leases.ts";
import { offerStore } from "./offer-store.ts";
import { offeredOf } from "./offers.ts";
import { readsOf, rowOf } from "./reads.ts";
import { streamStore } from "./streams.ts";
import { emptyTables, type Tables } from "./tables.ts";

const DEFAULT_WAIT_MS = 50_000;

/** The state of one memory World, and the way every call enters it. */
export interface Core {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly hints: Hints;
  readonly closing: AbortController;
  /** Makes a method of a synchronous task: it runs whole, in the order of the calls, and not after `close`. */
  method<A extends readonly unknown[], R>(task: (...args: A) => R): (...args: A) => Promise<R>;
}

/**
 * A World that lives in this process and forgets everything with it. It is the model that other Worlds are compared
 * with: it says what the contract means as plainly as it can, and is not made to be fast.
 *
 * `clock` defaults to the machine's.
 */
export function createMemoryWorld(options: { readonly clock?: Clock } = {}): World {
  const core = createCore(options.clock ?? systemClock());
  const { tables, hints, closing } = core;
  const reads = readsOf(tables, () => core.clock.now());
  const { steps, hooks, events, held } = reads;
  return {
    clock: core.clock,
    encrypts: false,
    runs: runReads(core, reads.runs),
    steps: { get: core.method(steps.get), list: core.method(steps.list) },
    hooks: {
      get: core.method(hooks.get),
      getByToken: core.method(hooks.getByToken),
      list: core.method(hooks.list),
      firstPayload: firstPayloads(core),
    },
    streams: streamStore(core),
    offers: offerStore(core),
    events: {
      get: core.method(events.get),
      list: core.method(events.list),
      listByCorrelationId: core.method(events.listByCorrelationId),
    },
    code: codeStore(core),
    held: { list: core.method(held.list) },
    answers: answerStore(core),
    ...runWrites(core),
    ...membership(core),
    ...leasing(core),
    read: core.method((runId, after) => {
      const { seed, history, inbox } = rowOf(tables, runId);
      const offered = offeredOf(tables, runId);
      return { seed, history: history.slice(after), inbox, ...(offered.length > 0 && { offered }) };
    }),
    onHint: (listener) => hints.on(listener),
    async close() {
      closing.abort();
    },
  };
}

function createCore(clock: Clock): Core {
  const tables = emptyTables();
  const closing = new AbortController();
  return {
    tables,
    clock,
    hints: createHints(),
    closing,
    method:
      (task) =>
      async (...args) => {
        if (closing.signal.aborted) throw new WorkflowWorldError("WORLD_CLOSED", "The World is closed");
        return task(...args);
      },
  };
}

function runReads(core: Core, reads: ReturnType<typeof readsOf>["runs"]): RunReads {
  const { tables, clock, hints, closing, method } = core;
  const get = method(reads.get);
  const untilOver = method((runId: string, timeoutMs: number, signal: AbortSignal) =>
    isEnded(rowOf(tables, runId).entities.run)
      ? undefined
      : untilTold(hints, clock, { met: (hint) => endsRun(hint, runId), timeoutMs, signal }),
  );
  return {
    get,
    list: method(reads.list),
    async waitForTerminalStatus(runId, options = {}) {
      const { timeoutMs = DEFAULT_WAIT_MS, signal } = options;
      await untilOver(runId, timeoutMs, interruption(closing, signal));
      return await get(runId, options);
    },
  };
}

function endsRun(hint: Hint, runId: string): boolean {
  return hint.kind === "ended" && hint.runId === runId;
}

function answerStore({ tables, clock, hints, closing, method }: Core): AnswerStore {
  const find = (requestId: string): Payload | null => {
    const known = tables.answers.get(requestId);
    return known !== undefined && known.at > clock.now() - ANSWER_MEMORY_MS ? known.answer : null;
  };
  const look = method(find);
  const untilAnswered = method((requestId: string, runId: string, timeoutMs: number, signal: AbortSignal) => {
    const over = isEnded(rowOf(tables, runId).entities.run) || find(requestId) !== null;
    const met = (hint: Hint): boolean =>
      endsRun(hint, runId) || (hint.kind === "answered" && hint.requestId === requestId);
    return over ? undefined : untilTold(hints, clock, { met, timeoutMs, signal });
  });
  return {
    put: method((requestId, answer) => {
      if (find(requestId) !== null) return false;
      tables.answers.set(requestId, { answer, at: clock.now() });
      hints.tell({ kind: "answered", requestId });
      return true;
    }),
    async wait(requestId, { runId, timeoutMs, signal }) {
      await untilAnswered(requestId, runId, timeoutMs, interruption(closing, signal));
      return await look(requestId);
    },
  };
}

function firstPayloads({ tables, clock, hints, closing, method }: Core): HookReads["firstPayload"] {
  const look = method((runId: string, hookId: string) => firstPayload(rowOf(tables, runId), hookId));
  const untilReceived = method((runId: string, hookId: string, timeoutMs: number, signal: AbortSignal) => {
    const row = rowOf(tables, runId);
    const over = isEnded(row.entities.run) || firstPayload(row, hookId) !== null;
    const met = (hint: Hint): boolean => endsRun(hint, runId) || (hint.kind === "received" && hint.hookId === hookId);
    return over ? undefined : untilTold(hints, clock, { met, timeoutMs, signal });
  });
  return async ({ runId, hookId }, { timeoutMs, signal }) => {
    await untilReceived(runId, hookId, timeoutMs, interruption(closing, signal));
    return await look(runId, hookId);
  };
}

function interruption(closing: AbortController, signal: AbortSignal | undefined): AbortSignal {
  return AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
}

function codeStore({ tables, clock, method }: Core): CodeStore {
  return {
    put: method((code) => {
      if (!tables.code.has(code.hash)) tables.code.set(code.hash, code);
      tables.codeStoredAt.set(code.hash, clock.now());
    }),
    get: method((hash) => tables.code.get(hash) ?? null),
    collect: method((storedBefore) => {
      const needed = new Set(
        [...tables.runs.values()].flatMap(({ entities: { run } }) =>
          run === undefined || isEnded(run) ? [] : [run.deploymentId],
        ),
      );
      const unused = [...tables.code.keys()].filter(
        (hash) => !needed.has(hash) && (tables.codeStoredAt.get(hash) ?? 0) < storedBefore,
      );
      for (const hash of unused) tables.code.delete(hash);
      return unused.length;
    }),
  };
}

function runWrites({
  tables,
  clock,
  hints,
  method,
}: Core): Pick<World, "createRun" | "commit" | "deliver" | "transact"> {
  return {
    createRun: method((run, worker, options) => {
      refuseTransaction(options);
      if (worker !== undefined) requireMember(tables, worker);
      const created = createRow(tables, run, clock.now());
      if (created.kind === "not") {
        const { creation } = created;
        if (creation.status === "resumed" && creation.delivery.status === "delivered")
          hints.tell({ kind: "work", runId: creation.delivery.runId });
        return creation;
      }
      const { row } = created;
      if (worker !== undefined) return { status: "created", lease: take(row, worker) };
      hints.tell({ kind: "work", runId: run.runId });
      return { status: "created", lease: null };
    }),
    commit: method((lease, turn) => {
      const row = leasedRow(tables, lease);
      if (row === undefined) throw new LeaseLostError(`The lease of ${lease.runId} is not the latest`);
      if (row.history.length !== turn.after) {
        throw new LeaseLostError(`The history of ${lease.runId} ends at ${row.history.length}, not at ${turn.after}`);
      }
      const { notified, ...committed } = commitTurn(tables, row, turn, clock.now());
      for (const hint of receivedHints(row)) hints.tell(hint);
      if (row.entities.run !== undefined && isEnded(row.entities.run))
        hints.tell({ kind: "ended", runId: lease.runId });
      for (const runId of notified) hints.tell({ kind: "work", runId });
      if (turn.offers !== undefined && turn.offers.length > 0) hints.tell({ kind: "offered" });
      return committed;
    }),
    deliver: method((to, fact, options = {}) => {
      refuseTransaction(options);
      const delivery = deliverFact(tables, to, fact, options, clock.now());
      if (delivery.status !== "delivered") return delivery;
      hints.tell({ kind: "work", runId: delivery.runId });
      for (const hint of receivedHints(rowOf(tables, delivery.runId))) hints.tell(hint);
      return delivery;
    }),
    transact: method(() => {
      throw noTransactions("A transactional step cannot run");
    }),
  };
}

function membership({ tables, clock, method }: Core): Pick<World, "join" | "renew" | "leave"> {
  const seen = (worker: string): void => void tables.workers.set(worker, clock.elapsed());
  return {
    join: method((worker) => {
      giveUpSilent(tables, worker, clock.elapsed());
      seen(worker);
    }),
    renew: method((worker) => {
      requireMember(tables, worker);
      seen(worker);
    }),
    leave: method((worker) => giveUp(tables, worker)),
  };
}

function leasing({ tables, clock, hints, method }: Core): Pick<World, "lease" | "leaseRun" | "release" | "nextDueAt"> {
  return {
    lease: method((worker, want) => {
      requireMember(tables, worker);
      giveUpSilent(tables, worker, clock.elapsed());
      return leaseDue(tables, worker, want, clock.now());
    }),
    leaseRun: method((worker, runId) => {
      requireMember(tables, worker);
      giveUpSilent(tables, worker, clock.elapsed());
      return leaseOne(tables, worker, runId);
    }),
    release: method((lease, parked) => {
      const row = leasedRow(tables, lease);
      if (row === undefined) return;
      park(row, parked);
      if (isDue(row, clock.now())) hints.tell({ kind: "work", runId: row.runId });
    }),
    nextDueAt: method(() => earliestDue(tables, clock.elapsed())),
  };
}
