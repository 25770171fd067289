/**
 * The wall of the realm. Only text and numbers cross it: what stands here in objects is taken apart on one
 * side and put together on the other.
 */
import type { Payload, RunErrorCode, StoredEvent, WebhookSettings } from "../world/events.ts";

/** What workflow code asked for, in the order in which it asked. */
export type Command = (
  | {
      readonly type: "step";
      readonly id: string;
      readonly name: string;
      readonly input: Payload;
      readonly maxRetries?: number;
    }
  | { readonly type: "wait"; readonly id: string; readonly resumeAt: number }
  /** Nobody waits for it any more, and nobody can notice whether it ends. */
  | { readonly type: "closeWait"; readonly id: string }
  | {
      readonly type: "hook";
      readonly id: string;
      readonly token: string;
      readonly isWebhook: boolean;
      readonly metadata?: Payload;
      /** Milliseconds since the epoch. */
      readonly expiresAt?: number;
      /** Milliseconds since the epoch. */
      readonly tokenRetentionUntil?: number;
      readonly webhook?: WebhookSettings;
    }
  | { readonly type: "dispose"; readonly id: string }
  | { readonly type: "complete"; readonly output: Payload }
  | { readonly type: "fail"; readonly error: Payload; readonly errorCode: RunErrorCode }
) & {
  /** Where workflow code asked; only from instances that trace. */
  readonly stack?: string;
};

/** What the realm must know of a run before it enters it. */
export interface RunIdentity {
  readonly runId: string;
  readonly workflowName: string;
  /** Feeds random numbers and tokens; never shown. */
  readonly seed: string;
  /** Milliseconds since the epoch: the realm's clock starts here. */
  readonly createdAt: number;
}

/** One live run inside a realm. */
export interface Instance {
  /**
   * Delivers one event, runs the workflow until it is idle, and returns what it asked for. Synchronous.
   * `replaying` silences the console and lifts the time limit: the event already ran live.
   * @throws `WorkflowRuntimeError` `WORKFLOW_STUCK` when the workflow does not become idle within the realm's time
   *   limit; the instance is unusable from then on.
   */
  enter(event: StoredEvent, replaying: boolean): readonly Command[];
  /** Forgets the run. */
  dispose(): void;
}
