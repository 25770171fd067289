/**
 * The wall of the realm. Only text and numbers cross it: what stands here in objects is taken apart on one
 * side and put together on the other.
 */
import type {
  AttributeChange,
  Payload,
  RunErrorCode,
  StepSettings,
  StoredEvent,
  WebhookSettings,
} from "../world/events.ts";

/** What workflow code asked for, in the order in which it asked. */
export type Command = (
  | {
      readonly type: "step";
      readonly id: string;
      readonly name: string;
      readonly input: Payload;
      readonly settings?: StepSettings;
      /** The run whose end is its outcome. */
      readonly awaits?: string;
    }
  | { readonly type: "wait"; readonly id: string; readonly resumeAt: number }
  /** Nobody waits for it any more, and nobody can notice whether it ends. */
  | { readonly type: "closeWait"; readonly id: string }
  | {
      readonly type: "hook";
      readonly id: string;
      readonly token: string;
      readonly isWebhook: boolean;
      readonly isSystem?: true;
      readonly metadata?: Payload;
      /** Milliseconds since the epoch. */
      readonly expiresAt?: number;
      /** Milliseconds since the epoch. */
      readonly tokenRetentionUntil?: number;
      readonly webhook?: WebhookSettings;
    }
  | { readonly type: "dispose"; readonly id: string }
  /** A system hook gets a payload from the code that made it: its controller was aborted. */
  | { readonly type: "abort"; readonly id: string; readonly reason: Payload }
  | {
      readonly type: "attributes";
      readonly id: string;
      readonly changes: readonly AttributeChange[];
      readonly allowReservedAttributes?: true;
    }
  | { readonly type: "complete"; readonly output: Payload }
  /** The code of a run that is being cancelled came to its end, whichever. */
  | { readonly type: "cancelled" }
  /** The run goes on with new arguments and a new history. `untaken`: positions of payloads that no code took. */
  | { readonly type: "continue"; readonly input: Payload; readonly untaken: readonly number[] }
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
  /** How often the run has continued as new. */
  readonly generation: number;
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
  /** How long the code may clean up when the run is cancelled, in milliseconds; undefined while it has not asked. */
  readonly cleanupMs: number | undefined;
  /** Forgets the run. */
  dispose(): void;
}
