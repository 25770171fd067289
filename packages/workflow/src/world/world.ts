import type { Clock } from "./clock.ts";
import type { Hook, Problem, RunStatus } from "./entities.ts";
import type { NewEvent, Payload, StoredEvent } from "./events.ts";
import type { OfferStore, StepOffer } from "./offers.ts";
import type { EventReads, HeldReads, HookReads, RunReads, StepReads } from "./reads.ts";
import type { StreamStore } from "./streams.ts";

/**
 * A storage backend. Reads for people (`runs`, `steps`, `hooks`, `events`) are separate from what the engine
 * writes through. Every method is required, every World passes the kit in `@workflow/world/testkit`.
 */
export interface World {
  /** The time that this World goes by: of its due times, its leases, and the events of its runs. */
  readonly clock: Clock;
  /** Whether it encrypts the payloads that it stores from now on. */
  readonly encrypts: boolean;
  readonly runs: RunReads;
  readonly steps: StepReads;
  readonly hooks: HookReads;
  readonly events: EventReads;
  readonly held: HeldReads;
  readonly code: CodeStore;
  readonly answers: AnswerStore;
  readonly streams: StreamStore;
  /**
   * Steps that workers other than the run's owner may run. Null: all steps of a run are its owner's, and a turn with
   * offers is refused.
   */
  readonly offers: OfferStore | null;

  /**
   * Stores a run and its `run_created`, unless its key or its token says that there is one already ({@link NewRun}).
   * With `lease`, that worker owns the run from this very write on, at {@link FIRST_EPOCH}. A World applies this before
   * the commits to the run that the same process asks for later, so the worker may commit to it before this resolves;
   * where no run was created, that commit finds no lease.
   * The code named by `codeHash` must be stored before.
   * @throws `WorkflowWorldError` `INVALID_ARGUMENT` when the code is unknown or the id is taken, or for a `tx` that it
   *   cannot write through.
   */
  createRun(run: NewRun, lease?: WorkerId, options?: CreateOptions): Promise<Creation>;

  /**
   * Appends a turn to the run's history, with every row it implies, in one transaction (invariants I1, I3).
   * A `hook_received` may stand in the turn as an event of its own, when its payload was given to the owner itself;
   * it would overtake facts that were accepted before, so none may be left in the inbox where it enters. Nor may a
   * payload for a hook be left where that hook expires: it came in time. (One that is `own` may: nobody else sent it.)
   * A `step_created` that `awaits` another run is ended by the World: once that run has ended, or at once if it has,
   * the step's outcome is in the inbox, and this run is due.
   * @throws `LeaseLostError` when the lease's epoch is stale or `turn.after` is not the end of the history;
   *   `WorkflowWorldError` `PRECONDITION_FAILED` when an event would overtake facts, or the code to continue with is not stored
   *   (it may have been collected since it was); `INVALID_ARGUMENT` for offers where `offers` is null. Nothing is written.
   */
  commit(lease: Lease, turn: Turn): Promise<Committed>;

  /**
   * Adds a fact to a run's inbox, from outside (invariants I2, I5, I6). Resolves once it is durable, or once
   * it is certain that nothing was written. A token that a run has owned since its creation takes payloads before the
   * run has created the hook; they wait for the hook.
   * @throws `WorkflowWorldError` `INVALID_ARGUMENT` for a `tx` that it cannot write through.
   */
  deliver(to: Address, fact: NewFact, options?: DeliverOptions): Promise<Delivery>;

  /**
   * Begins a transaction of the World's database and gives `task` a client whose statements are part of it. What the
   * task resolves with is added to the inbox of the lease's run in the same transaction, if the lease is good by then;
   * both are durable together when this resolves. When it rejects, neither is: also where the connection was lost, this
   * waits until it is certain. What the task throws is thrown as it is.
   * @throws `LeaseLostError`; `WorkflowWorldError` `INVALID_ARGUMENT` in a World that has no such transactions, before
   *   `task` is called.
   */
  transact(lease: Lease, task: (client: unknown) => Promise<NewFact>): Promise<Delivery>;

  /**
   * Announces a worker. Its leases hold until it leaves or dies, or until another worker that looks for work finds
   * that it has not renewed for {@link LEASE_TTL_MS}, measured by {@link Clock.elapsed}. Being late alone costs it
   * nothing. A World that can tell that the worker's process is alive may renew for it.
   */
  join(worker: WorkerId): Promise<void>;
  /** @throws `LeaseLostError` when another worker gave it up; it must drop all its runs and join again. */
  renew(worker: WorkerId): Promise<void>;
  /** Gives up whatever the worker still holds. */
  leave(worker: WorkerId): Promise<void>;
  /**
   * Leases up to `want` runs that have something to do: never worked on, facts waiting, or due. Runs of dead
   * workers are among them. Runs that `worker` already owns and that have facts waiting are listed too, with
   * the lease it has.
   */
  lease(worker: WorkerId, want: number): Promise<readonly Lease[]>;
  /** Leases this one run, due or not, if nobody alive owns it (not the caller either) and it has not ended. */
  leaseRun(worker: WorkerId, runId: string): Promise<Lease | null>;
  /**
   * Gives a run back. `dueAt` and `problem` replace what the last commit said; unread facts make it due at once,
   * unless it has a problem that they would only run into again. A stale lease is ignored.
   */
  release(lease: Lease, parked: Parked): Promise<void>;

  /** What an owner needs to work on a run: its secret seed, the history after a position, and the inbox. */
  read(runId: string, after: number): Promise<RunRecord>;

  /** A hint that a run may have something to do, or has ended. May be lost, late or doubled; never relied upon. */
  onHint(listener: (hint: Hint) => void): () => void;
  /** When the run with the earliest due time is due; null when none is. Leased runs do not count. */
  nextDueAt(): Promise<number | null>;

  close(): Promise<void>;
}

export type WorkerId = string;

/** The epoch of a run's first lease. */
export const FIRST_EPOCH = 1;

/** How long a worker that stopped renewing keeps what others want, in milliseconds. */
export const LEASE_TTL_MS = 10_000;

/** The exclusive right to append to one run's history. */
export interface Lease {
  readonly runId: string;
  readonly worker: WorkerId;
  /** Grows with every new lease of the run; a commit with an older one is refused. */
  readonly epoch: number;
}

export interface NewRun {
  readonly runId: string;
  readonly workflowName: string;
  readonly codeHash: string;
  readonly input: Payload;
  readonly attributes: Readonly<Record<string, string>>;
  /** 128 random bits in hex. Feeds the run's random numbers and tokens. Never shown by any read for people. */
  readonly seed: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** No second run of this workflow is created with the same key, as long as the first is stored. */
  readonly idempotencyKey?: string;
  readonly claim?: Claim;
}

/**
 * Makes creation depend on a token: where a hook has it, or another run owns it, that one gets the payload and no run
 * is created. Otherwise the new run owns the token until it ends, from its creation on: its first hook with this token
 * gets what came for it, held payloads first, this one next.
 */
export interface Claim {
  readonly token: string;
  /** The id that the run will give to its first hook with the token. */
  readonly hookId: string;
  readonly fact: NewEvent<"hook_received">;
  /** As in {@link DeliverOptions}. */
  readonly idempotencyKey?: string;
}

export type Creation =
  | { readonly status: "created"; readonly lease: Lease | null }
  /** The key was used before; nothing was written. */
  | { readonly status: "exists"; readonly runId: string }
  /** The claimed token has an owner, or the claim's key was used before: what became of the payload. */
  | { readonly status: "resumed"; readonly delivery: Delivery };

/** Where something is written that belongs to a transaction of the caller. */
export interface WithinTransaction {
  /**
   * A connection to the World's own database, within a transaction of the caller: what is written is there when the
   * transaction commits, and for nobody before. A World that has no such connections refuses it
   * (`INVALID_ARGUMENT`, field `tx`), and writes nothing. Default: a transaction of the World's.
   */
  readonly tx?: unknown;
}

/** With `tx`, no worker has the run from its creation on. */
export interface CreateOptions extends WithinTransaction {}

/** For payloads addressed to a token; other facts have no use for them. */
export interface DeliverOptions extends WithinTransaction {
  /**
   * A payload with this key that was accepted for the token before is not accepted again. Keys are remembered for
   * {@link KEY_MEMORY_MS}, and as long as the hook that the payload went to is active. 1 to 255 characters.
   */
  readonly idempotencyKey?: string;
  /**
   * Where nobody has the token, the payload is kept for the first run that claims it before this time (milliseconds
   * since the epoch).
   */
  readonly holdUntil?: number;
}

/** How long an idempotency key is remembered at least, in milliseconds: seven days. */
export const KEY_MEMORY_MS: number = 7 * 24 * 60 * 60 * 1000;

/** Of one token, at most so many payloads are held, and so many characters of them. */
export const MOST_HELD = 1_000;
export const MOST_HELD_SIZE: number = 32 * 1024 * 1024;

/** How long a payload that was dropped is still listed, in milliseconds: seven days. */
export const DROPPED_MEMORY_MS: number = 7 * 24 * 60 * 60 * 1000;

/**
 * Something said to a run from outside its worker. The outcomes of steps that await another run come from the World
 * itself, those of offered steps through {@link OfferStore}.
 */
export type NewFact = NewEvent<
  "hook_received" | "run_cancelled" | "wait_completed" | "attr_set" | "step_completed" | "step_failed" | "step_retrying"
>;

/** A fact that waits in an inbox. */
export interface Fact {
  /** Grows in the order in which the World accepted facts. */
  readonly id: number;
  readonly event: NewFact;
}

/** One place of a turn: a new event, or a fact of the inbox that enters history here. */
export type TurnEntry =
  | { readonly kind: "event"; readonly event: NewEvent }
  | { readonly kind: "admit"; readonly factId: number; readonly undelivered: boolean }
  | Continuation;

/**
 * The last entry of a turn: the run goes on under its id with new arguments, and its history is replaced by a
 * `run_created` of the next generation, with the attributes that it has. It keeps the tokens of its active hooks, as
 * a run that was created with a claim: what the old history received and nobody took, and what is in the inbox, waits
 * for the first hook with the token. Its steps, waits and awaited runs are forgotten; it is due at once.
 */
export interface Continuation {
  readonly kind: "continue";
  readonly codeHash: string;
  readonly input: Payload;
  readonly at: number;
  /** The tokens of its active hooks, each with the id that the next generation will give to its first hook with it. */
  readonly hooks: readonly { readonly token: string; readonly hookId: string }[];
  /** The positions of `hook_received` events whose payload workflow code has not taken. */
  readonly untaken: readonly number[];
}

/** Everything one turn decided. Committed whole or not at all. */
export interface Turn {
  /** The length of the history that this turn continues. */
  readonly after: number;
  readonly entries: readonly TurnEntry[];
  /** Facts that no longer mean anything (a wake-up of a wait that is over). They leave no event. */
  readonly drops: readonly number[];
  /**
   * When to look at the run if nothing arrives, and whoever owns it then: 0 when steps are under way (their
   * worker may die), the earliest wait or retry, null when only facts can move it.
   */
  readonly dueAt: number | null;
  /** Steps that the turn starts and that any worker may run. */
  readonly offers?: readonly StepOffer[];
}

export interface Committed {
  /** Hooks of this turn whose token another hook holds: hook id to the run that holds it. */
  readonly conflicts: Readonly<Record<string, string>>;
  /** Whether facts wait that this turn did not admit. */
  readonly unread: boolean;
}

export interface Parked {
  readonly dueAt: number | null;
  readonly problem?: Problem;
}

/** A hook by its token, or a run. */
export type Address = { readonly token: string } | { readonly runId: string };

export type Delivery =
  /** `hook` is present when the address was a token. */
  | { readonly status: "delivered"; readonly runId: string; readonly hook?: Hook }
  /** The key was used before: the payload of then went to this hook. Nothing was written. */
  | { readonly status: "duplicate"; readonly runId: string; readonly hook: Hook }
  /** Nobody has the token. Kept until then; `repeated`: since an earlier call with the same key. */
  | { readonly status: "held"; readonly until: number; readonly repeated: boolean }
  /** Nobody has the token, and no more may be held for it. Nothing was written. */
  | { readonly status: "full" }
  /** No active hook holds the token, or no run has the id. Nothing was written. */
  | { readonly status: "nobody" }
  /** The run is over. Nothing was written. */
  | { readonly status: "ended"; readonly runId: string; readonly runStatus: RunStatus };

export interface RunRecord {
  readonly seed: string;
  readonly history: readonly StoredEvent[];
  readonly inbox: readonly Fact[];
  /** The steps that are offered, taken or not, by id. Absent: none. */
  readonly offered?: readonly string[];
}

export type Hint =
  | { readonly kind: "work"; readonly runId: string }
  /** Any number of runs may have something to do, which are not named: a worker has died, say. */
  | { readonly kind: "look" }
  /** Steps were offered. */
  | { readonly kind: "offered" }
  | { readonly kind: "ended"; readonly runId: string }
  | { readonly kind: "answered"; readonly requestId: string }
  /** A stream has more chunks, or is over. */
  | { readonly kind: "streamed"; readonly runId: string; readonly name: string }
  /** A system hook has got a payload. */
  | { readonly kind: "received"; readonly hookId: string };

/** Answers of steps to HTTP requests, on their way to the process that the caller is connected to. */
export interface AnswerStore {
  /** The first answer to a request is stored durably; says whether this was the first. */
  put(requestId: string, answer: Payload): Promise<boolean>;
  /**
   * Resolves with the answer, or with null once the run has ended without one, after `timeoutMs`, or when `signal`
   * aborts. Answers are kept for {@link ANSWER_MEMORY_MS}.
   * @throws `WorkflowRunNotFoundError`
   */
  wait(
    requestId: string,
    options: { readonly runId: string; readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Payload | null>;
}

/** How long an answer is kept, in milliseconds: one day. After that the request counts as one without an answer. */
export const ANSWER_MEMORY_MS: number = 24 * 60 * 60 * 1000;

/** Realm bundles, by content hash. */
export interface CodeStore {
  /** Stores a bundle; storing a hash again changes nothing but the time at which it was stored last. */
  put(code: StoredCode): Promise<void>;
  /** Null also for a bundle that was collected. */
  get(hash: string): Promise<StoredCode | null>;
  /**
   * Removes the bundles that no run needs any more: all runs that use them have ended, and they were stored last before
   * the time (milliseconds since 1970), so that a run which begins with one finds it. Says how many. A bundle that is
   * removed can be stored again.
   */
  collect(storedBefore: number): Promise<number>;
}

export interface StoredCode {
  /** Hex SHA-256 of `source`. */
  readonly hash: string;
  readonly source: string;
  /** Source map (JSON), or "" when there is none. */
  readonly map: string;
}
