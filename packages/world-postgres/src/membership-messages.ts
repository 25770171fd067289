import type { TimeSample } from "./clock.ts";
import type { ListenerSettings } from "./settings.ts";

/** What the thread of a membership is started with. */
export interface MembershipData {
  readonly listener: ListenerSettings;
  readonly schema: string;
  /** How often each worker shows a sign of life, in milliseconds. */
  readonly periodMs: number;
}

/** To the thread; `null` stops it. */
export type Order = { readonly kind: "add" | "remove"; readonly id: number } | null;

/** From the thread. */
export type Report =
  /** The connection is there, for the first time or again. Without a session there are neither locks nor notifications. */
  | { readonly kind: "connected"; readonly session: boolean }
  | { readonly kind: "lost" }
  | { readonly kind: "unreachable"; readonly message: string; readonly passes: boolean }
  /** The worker has its lock, and beats. */
  | { readonly kind: "added"; readonly id: number }
  | { readonly kind: "removed"; readonly id: number }
  | { readonly kind: "notified"; readonly payload: string }
  | { readonly kind: "time"; readonly sample: TimeSample }
  /** How many Worlds listen, this one included. */
  | { readonly kind: "listeners"; readonly count: number };
