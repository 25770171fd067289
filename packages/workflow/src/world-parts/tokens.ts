import type { FlatHook } from "./flat.ts";

/** What a row of `hooks` says about its token. */
export const STATE = {
  /** A run was created with the token and has not created the hook yet. */
  owned: 0,
  active: 1,
  /** The run of the hook has ended; nobody else gets the token yet. */
  retained: 2,
} as const;

/** Who has a token. */
export interface Holder {
  /** The key of the run. */
  readonly run: number;
  readonly runId: string;
  readonly state: number;
  readonly hookId: string;
  /** The key of the event that made the row. */
  readonly event: number;
  readonly hook: FlatHook;
  readonly dueAt: number | null;
  /** The worker that owns the run. */
  readonly owner: string | null;
}
