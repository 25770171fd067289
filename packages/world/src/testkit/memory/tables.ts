import type { Fact, Problem, RunState, StoredCode, StoredEvent, WorkerId } from "workflow/world";

/** One run. */
export interface RunRow {
  readonly runId: string;
  readonly seed: string;
  readonly entities: RunState;
  readonly history: StoredEvent[];
  inbox: readonly Fact[];
  /** Commits so far; the creation is the first. */
  turns: number;
  /** When to look at the run; null when only a fact can move it, and when it has ended. */
  dueAt: number | null;
  problem: Problem | undefined;
  epoch: number;
  /** Who leases the run; null when nobody does. */
  owner: WorkerId | null;
}

export interface HookAddress {
  readonly runId: string;
  readonly hookId: string;
}

/** Everything that the memory World holds. */
export interface Tables {
  readonly runs: Map<string, RunRow>;
  /** The active hook of each token. */
  readonly tokens: Map<string, HookAddress>;
  /** Joined workers, and when each last renewed (`Clock.elapsed`). */
  readonly workers: Map<WorkerId, number>;
  readonly code: Map<string, StoredCode>;
  lastFactId: number;
}

export function emptyTables(): Tables {
  return { runs: new Map(), tokens: new Map(), workers: new Map(), code: new Map(), lastFactId: 0 };
}
