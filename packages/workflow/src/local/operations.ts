import type { RunStatus } from "../world/entities.ts";
import { type ErrorCode, WorkflowWorldError } from "../world/errors.ts";
import type { EventData, EventType, NewEvent } from "../world/events.ts";
import type { Committed, Continuation } from "../world/world.ts";
import type { Notified } from "./awaited.ts";
import type { Pack } from "./pack.ts";
import type { Appended } from "./streams.ts";

/** An event on its way to a row: flat, because every message to the writer is copied. Empty data is null. */
export type FlatEvent = readonly [
  type: EventType,
  correlationId: string | null,
  at: number,
  data: string | null,
  payload: string | null,
];

/** A fact of the inbox that enters history. */
export type FlatAdmission = readonly [factId: number, undelivered: boolean];

/** How a run goes on with a new history: as in the World's `Continuation`. */
export type FlatContinuation = Omit<Continuation, "kind">;

/** One place of a turn. */
export type FlatEntry = FlatEvent | FlatAdmission | FlatContinuation;

/**
 * @throws `WorkflowWorldError` `INVALID_ARGUMENT` when a text has half a surrogate pair: the file holds UTF-8, which
 *   would change it silently.
 */
export function flatten(event: NewEvent): FlatEvent {
  const { type, correlationId = null, payload = null, at } = event;
  if (payload?.isWellFormed() === false) throw illFormed("payload");
  if (event.type === "hook_created" && !event.data.token.isWellFormed()) throw illFormed("token");
  if (event.type === "attr_set" || event.type === "run_created") requireWellFormed(event.data);
  // JSON escapes half a pair, so data that is not looked at is safe.
  const data = JSON.stringify(event.data);
  return [type, correlationId, at, data === "{}" ? null : data, payload];
}

/** Attributes get rows of their own. */
function requireWellFormed(data: EventData["attr_set"] | EventData["run_created"]): void {
  const texts =
    "changes" in data ? data.changes.flatMap(({ key, value }) => [key, value ?? ""]) : ownTexts(data.attributes);
  if (!texts.every((text) => text.isWellFormed())) throw illFormed("attributes");
}

function ownTexts(attributes: Readonly<Record<string, string>> = {}): readonly string[] {
  return Object.entries(attributes).flat();
}

function illFormed(field: string): WorkflowWorldError {
  return new WorkflowWorldError("INVALID_ARGUMENT", `The ${field} has half a surrogate pair and cannot be stored`, {
    field,
  });
}

/** Whether a hook may have this token: an empty or ill-formed one is never found. */
export function isFindable(token: string): boolean {
  return token !== "" && token.isWellFormed();
}

/** What the writer can be asked. `now` and `elapsed` are of the World's clock. */
export interface Requests {
  readonly putCode: {
    readonly kind: "putCode";
    readonly hash: string;
    readonly source: string;
    readonly map: string;
  };
  readonly collectCode: { readonly kind: "collectCode" };
  readonly createRun: {
    readonly kind: "createRun";
    readonly runId: string;
    readonly workflowName: string;
    readonly codeHash: string;
    readonly seed: string;
    readonly created: FlatEvent;
    /** Who owns the run from its creation on. */
    readonly worker: string | null;
    readonly now: number;
    /** The idempotency key of the start. */
    readonly startKey: string | null;
    readonly claim: FlatClaim | null;
  };
  readonly commit: {
    readonly kind: "commit";
    readonly runId: string;
    readonly worker: string;
    readonly epoch: number;
    readonly after: number;
    readonly now: number;
    readonly dueAt: number | null;
    readonly entries: readonly FlatEntry[];
    readonly drops: readonly number[];
  };
  readonly deliver: {
    readonly kind: "deliver";
    /** The hook's token, or null to address the run. */
    readonly token: string | null;
    readonly runId: string | null;
    readonly fact: FlatEvent;
    readonly now: number;
    readonly key: string | null;
    readonly holdUntil: number | null;
  };
  readonly answer: {
    readonly kind: "answer";
    readonly requestId: string;
    readonly answer: string;
    readonly now: number;
  };
  readonly append: {
    readonly kind: "append";
    readonly runId: string;
    readonly name: string;
    readonly packs: readonly Pack[];
    readonly close: boolean;
    readonly elapsed: number;
  };
  readonly join: WorkerRequest<"join">;
  readonly renew: WorkerRequest<"renew">;
  readonly leave: WorkerRequest<"leave">;
  readonly lease: WorkerRequest<"lease"> & { readonly now: number; readonly want: number };
  readonly leaseRun: WorkerRequest<"leaseRun"> & { readonly runId: string };
  readonly release: {
    readonly kind: "release";
    readonly now: number;
    readonly worker: string;
    readonly runId: string;
    readonly epoch: number;
    readonly dueAt: number | null;
    readonly problem: string | null;
  };
}

/** A token that a new run is to own, and what waits for its hook. */
export interface FlatClaim {
  readonly token: string;
  readonly hookId: string;
  readonly fact: FlatEvent;
  readonly key: string | null;
}

interface WorkerRequest<K> {
  readonly kind: K;
  readonly elapsed: number;
  readonly worker: string;
}

export type Request = Requests[keyof Requests];

/** What it answers. Nothing that the caller has goes back. */
export interface Answers {
  readonly putCode: null;
  /** How many bundles went. */
  readonly collectCode: number;
  readonly createRun:
    | {
        readonly status: "created";
        /** The first epoch of the owner's lease; 0 without an owner. */
        readonly epoch: number;
      }
    | { readonly status: "exists"; readonly runId: string }
    | { readonly status: "resumed"; readonly delivery: FlatDelivery };
  /** `notified`: runs that have to hear of the end of this one. `received`: system hooks that have a payload since. */
  readonly commit: Committed & {
    readonly ended: boolean;
    readonly notified: readonly Notified[];
    readonly received: readonly string[];
  };
  readonly deliver: FlatDelivery;
  /** Whether it is the first. */
  readonly answer: boolean;
  readonly append: Appended;
  readonly join: null;
  readonly renew: null;
  readonly leave: null;
  readonly lease: readonly FlatLease[];
  readonly leaseRun: FlatLease | null;
  /** Whether the run is due at once; false also when the lease was stale. */
  readonly release: boolean;
}

export type FlatDelivery =
  | {
      readonly status: "delivered";
      readonly runId: string;
      readonly owner: string | null;
      readonly hook: FlatHook | null;
    }
  | { readonly status: "duplicate"; readonly runId: string; readonly hook: FlatHook }
  | { readonly status: "held"; readonly until: number; readonly repeated: boolean }
  | { readonly status: "full" }
  | { readonly status: "nobody" }
  | { readonly status: "ended"; readonly runStatus: RunStatus };

/** `settings`: the data of its event, where that says more than that the hook is a plain one. */
export type FlatHook = readonly [
  hookId: string,
  isWebhook: boolean,
  createdAt: number,
  metadata: string | null,
  settings: string | null,
];

export type FlatLease = readonly [runId: string, epoch: number];

/** Why the writer wrote nothing. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
}

export type Outcome<T> = { readonly value: T } | { readonly refusal: Refusal };

/** One operation, prepared on a connection: decides first and writes after, within the caller's transaction. */
export type Operation<K extends keyof Requests> = (request: Requests[K]) => Outcome<Answers[K]>;

export function refuse(code: ErrorCode, message: string, field?: string): { readonly refusal: Refusal } {
  return { refusal: { code, message, ...(field !== undefined && { field }) } };
}

export function leaseLost(runId: string, why: string): { readonly refusal: Refusal } {
  return refuse("LEASE_LOST", `The lease of run ${runId} is lost: ${why}`);
}

/** `due_at` of a run with unread facts: before everything that is due by time, and found without the inbox. */
export const UNREAD = -1;
