import type {
  Fact,
  Hook,
  NewEvent,
  OfferedStep,
  Payload,
  Problem,
  RunState,
  StoredCode,
  StoredEvent,
  WorkerId,
} from "workflow/world";

/** One run. */
export interface RunRow {
  readonly runId: string;
  readonly seed: string;
  /** That the run was created with. */
  readonly idempotencyKey: string | undefined;
  entities: RunState;
  history: StoredEvent[];
  inbox: readonly Fact[];
  /** Payloads for tokens that the run owns and has no hook for. */
  waiting: readonly Waiting[];
  /** Steps of other runs that end when this one does. */
  awaiting: readonly Awaiting[];
  /** Hooks that the run had when it ended, and that keep their token for a time. */
  retained: ReadonlySet<string>;
  /** Commits so far; the creation is the first. */
  turns: number;
  /** When to look at the run; null when only a fact can move it, and when it has ended. */
  dueAt: number | null;
  problem: Problem | undefined;
  epoch: number;
  /** Who leases the run; null when nobody does. */
  owner: WorkerId | null;
}

/** A payload that waits for the first hook with a token. */
export interface Waiting {
  readonly token: string;
  readonly event: Received;
}

/** A step that awaits a run. */
export interface Awaiting {
  readonly runId: string;
  readonly stepId: string;
}

export type Received = NewEvent<"hook_received">;

/** A hook, or the place of one that its run has not created yet. */
export interface HookAddress {
  readonly runId: string;
  readonly hookId: string;
}

/** A payload that came before any hook had its token. */
export interface Held {
  /** Grows in the order of acceptance. */
  readonly number: number;
  readonly token: string;
  readonly event: Received;
  readonly heldUntil: number;
}

/** What became of a payload with an idempotency key. */
export interface KeyRow {
  readonly acceptedAt: number;
  readonly went: { readonly to: "hook"; readonly hook: Hook } | { readonly to: "held"; readonly until: number };
}

/** A stream of a run. */
export interface StreamRow {
  readonly runId: string;
  readonly name: string;
  readonly chunks: Uint8Array[];
  closed: boolean;
  /** Its chunks are gone. */
  expired: boolean;
  /** When it was appended to last, or said to be fed still (`Clock.elapsed`). */
  fedAt: number;
}

/** A step that any worker may run, and who does. */
export interface OfferRow {
  readonly step: OfferedStep;
  taker: WorkerId | null;
}

/** Everything that the memory World holds. */
export interface Tables {
  readonly runs: Map<string, RunRow>;
  /** Who got each token last. Whether that one still has it, its run and the time say. */
  readonly tokens: Map<string, HookAddress>;
  /** Payloads that nobody has got, also those that nobody will. */
  held: readonly Held[];
  /** By token, then by key. */
  readonly keys: Map<string, Map<string, KeyRow>>;
  /** By request id; `at`: when it was given. */
  readonly answers: Map<string, { readonly answer: Payload; readonly at: number }>;
  /** In the order in which they were made. */
  readonly streams: StreamRow[];
  /** Joined workers, and when each last renewed (`Clock.elapsed`). */
  readonly workers: Map<WorkerId, number>;
  /** Those of them that have no place for steps of others, as of when they took some last. */
  readonly full: Set<WorkerId>;
  readonly code: Map<string, StoredCode>;
  /** By hash. */
  readonly codeStoredAt: Map<string, number>;
  offers: OfferRow[];
  lastFactId: number;
  lastHeld: number;
  lastOfferId: number;
}

export function emptyTables(): Tables {
  return {
    runs: new Map(),
    tokens: new Map(),
    held: [],
    keys: new Map(),
    answers: new Map(),
    streams: [],
    workers: new Map(),
    full: new Set(),
    code: new Map(),
    codeStoredAt: new Map(),
    offers: [],
    lastFactId: 0,
    lastHeld: 0,
    lastOfferId: 0,
  };
}
