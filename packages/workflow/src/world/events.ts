/**
 * A serialized value. Opaque to Worlds and to readers; made and revived by `serialization/` only.
 * Its first four characters name the format.
 */
export type Payload = string;

/** What each type of event says beside its payload. JSON-safe: times are milliseconds since the epoch. */
export interface EventData {
  readonly run_created: {
    readonly workflowName: string;
    /** Hash of the realm bundle that the run uses for its whole life. */
    readonly codeHash: string;
    readonly attributes?: Readonly<Record<string, string>>;
  };
  readonly run_started: Empty;
  readonly run_completed: Empty;
  readonly run_failed: { readonly errorCode: RunErrorCode };
  readonly run_cancelled: { readonly cancelReason?: string };
  readonly step_created: {
    readonly stepName: string;
    /** Set when workflow code put `maxRetries` on the step function it called. */
    readonly maxRetries?: number;
  };
  readonly step_started: { readonly attempt: number };
  readonly step_retrying: { readonly retryAfter: number };
  readonly step_completed: Empty;
  readonly step_failed: Empty;
  readonly hook_created: { readonly token: string; readonly isWebhook: boolean };
  /** Written by the World in the place of a `hook_created` whose token another hook holds. */
  readonly hook_conflict: { readonly token: string; readonly conflictingRunId: string };
  /** `undelivered`: accepted, but the hook was disposed or the run ended before the run could take it. */
  readonly hook_received: { readonly undelivered?: true };
  readonly hook_disposed: Empty;
  readonly wait_created: { readonly resumeAt: number };
  readonly wait_completed: Empty;
}

type Empty = Readonly<Record<never, never>>;

export type EventType = keyof EventData;

/** Why a run failed (contract 03 section 3.5). */
export type RunErrorCode = "USER_ERROR" | "RUNTIME_ERROR";

/** An event before it has a place in a history. */
export type NewEvent<T extends EventType = EventType> = {
  readonly [K in T]: {
    readonly type: K;
    /** The step, hook or wait it belongs to; absent on run events. */
    readonly correlationId?: string;
    readonly data: EventData[K];
    /** The one serialized value that the type carries, where it carries one ({@link PAYLOAD_FIELD}). */
    readonly payload?: Payload;
    /** When it happened, in milliseconds since the epoch. The realm's clock follows it. */
    readonly at: number;
  };
}[T];

/** An event of a history. */
export type StoredEvent<T extends EventType = EventType> = NewEvent<T> & {
  /** Dense, 1-based, unique in its run. History order is replay order. */
  readonly position: number;
  /** Which commit of the run wrote it; 1 is the creation. */
  readonly turn: number;
};

/** The public name of each type's payload (contract 05 section 5.11). */
export const PAYLOAD_FIELD: { readonly [T in EventType]?: string } = {
  run_created: "input",
  run_completed: "output",
  run_failed: "error",
  step_created: "input",
  step_retrying: "error",
  step_completed: "result",
  step_failed: "error",
  hook_created: "metadata",
  hook_received: "payload",
};

export function isRunTerminal(type: EventType): type is "run_completed" | "run_failed" | "run_cancelled" {
  return type === "run_completed" || type === "run_failed" || type === "run_cancelled";
}
