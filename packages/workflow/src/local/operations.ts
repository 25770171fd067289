import type { Committed } from "../world/world.ts";
import type { FlatClaim, FlatDelivery, FlatEntry, FlatEvent, Outcome } from "../world-parts/flat.ts";
import type { Pack } from "../world-parts/packs.ts";
import type { Notified } from "./awaited.ts";
import type { Appended } from "./streams.ts";

/** What the writer can be asked. `now` and `elapsed` are of the World's clock. */
export interface Requests {
  readonly putCode: {
    readonly kind: "putCode";
    readonly now: number;
    readonly hash: string;
    readonly source: string;
    readonly map: string;
  };
  readonly collectCode: { readonly kind: "collectCode"; readonly storedBefore: number };
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

export type FlatLease = readonly [runId: string, epoch: number];

/** One operation, prepared on a connection: decides first and writes after, within the caller's transaction. */
export type Operation<K extends keyof Requests> = (request: Requests[K]) => Outcome<Answers[K]>;
