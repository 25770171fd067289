import type { Figures } from "../workloads.ts";

/** What a process does in one role. */
export interface Measurement {
  warmUp(): Promise<unknown>;
  /** May be called again, except for what only a fresh process can measure. Empty for what only writes data. */
  round(): Promise<Figures>;
  /** Ends other processes that it has started. */
  readonly end?: () => Promise<unknown>;
}
