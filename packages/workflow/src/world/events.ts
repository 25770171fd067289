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
    /** How often the run has continued as new. Absent: never. */
    readonly generation?: number;
    /** When the run was first created, where it has continued as new since; milliseconds since the epoch. */
    readonly since?: number;
    /** The token that the run has owned since its creation, before its code could create the hook. */
    readonly token?: string;
  };
  /**
   * `baseUrl`: of the deployment that began the run, for the addresses that its code hands out. `encryption`: the
   * payloads of the run were encrypted when it began.
   */
  readonly run_started: { readonly baseUrl?: string; readonly encryption?: true };
  readonly run_completed: Empty;
  readonly run_failed: { readonly errorCode: RunErrorCode };
  /** `cleanedUp`: workflow code had asked to be told, and came to an end of its own before the deadline. */
  readonly run_cancelled: { readonly cancelReason?: string; readonly cleanedUp?: true };
  /** The run was cancelled, and its code has until the deadline (milliseconds since the epoch) to clean up. */
  readonly cancel_requested: { readonly cancelReason?: string; readonly deadline: number };
  readonly attr_set: {
    readonly changes: readonly AttributeChange[];
    readonly writer: AttributeWriter;
    readonly allowReservedAttributes?: true;
  };
  readonly step_created: {
    readonly stepName: string;
    /**
     * The run whose end is the step's outcome: no body runs, and the World adds the `step_completed` or `step_failed`
     * that ends the step as a fact once that run has ended.
     */
    readonly awaits?: string;
  } & StepSettings;
  /** `idempotent: false`: the body may run at most once, and this was the start. */
  readonly step_started: { readonly attempt: number; readonly idempotent?: false };
  /** `interrupted`: only of a fact, which enters no history. The worker that had taken the step is dead. */
  readonly step_retrying: { readonly retryAfter: number; readonly interrupted?: true };
  readonly step_completed: Empty;
  /** `run`: the awaited run that did not complete. Its error, if any, is the payload. */
  readonly step_failed: { readonly run?: AwaitedEnd };
  readonly hook_created: {
    readonly token: string;
    readonly isWebhook: boolean;
    /** Made by the engine, for an `AbortSignal`: no read for people shows it, and it takes no part in idle checks. */
    readonly isSystem?: true;
    /** The hook takes nothing from then on, and whoever waits for it is told. */
    readonly expiresAt?: number;
    /** Until then nobody else gets the token, also when the run has ended before (contract 01 section 1.6). */
    readonly tokenRetentionUntil?: number;
    readonly webhook?: WebhookSettings;
  };
  /** Written by the World in the place of a `hook_created` whose token another hook holds. */
  readonly hook_conflict: { readonly token: string; readonly conflictingRunId: string };
  /**
   * `undelivered`: accepted, but the hook was disposed or the run ended before the run could take it. With a `token`
   * and no hook, the run owned the token and ended before it created the hook.
   */
  readonly hook_received: {
    readonly undelivered?: true;
    readonly token?: string;
    readonly idempotencyKey?: string;
    /** Of a system hook: workflow code aborted its own controller. It overtakes nothing that anybody else said. */
    readonly own?: true;
  };
  /** `expired`: not by workflow code, but because its time was over. */
  readonly hook_disposed: { readonly expired?: true };
  readonly wait_created: { readonly resumeAt: number };
  /** `closed`: it lost a race and nobody waits for it any more. */
  readonly wait_completed: { readonly closed?: true };
}

/** How the public endpoint treats requests for a webhook (contract 01 section 1.8). */
export interface WebhookSettings {
  /** What the caller gets: 202 at once, the answer of a step, or always the same response. */
  readonly respond: "accepted" | "manual" | StaticResponse;
  readonly verify?: Verification;
}

/** A response in JSON. */
export interface StaticResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Base64; null when there is none. */
  readonly body: string | null;
}

/** How requests prove that they come from who may send them. `secret` names an environment variable. */
export type Verification =
  | {
      readonly scheme: "standard-webhooks" | "stripe" | "slack";
      readonly secret: string;
      /** How old a request may be, and how far ahead its clock, in seconds. Default 300. */
      readonly tolerance?: number;
    }
  | { readonly scheme: "github"; readonly secret: string }
  | {
      readonly scheme: "hmac";
      readonly secret: string;
      /** The header that has the signature. */
      readonly header: string;
      /** Default `sha256`. */
      readonly algorithm?: "sha1" | "sha256" | "sha512";
      /** Default `hex`. */
      readonly encoding?: "hex" | "base64";
      /** What stands before the signature in the header. Default: nothing. */
      readonly prefix?: string;
      /**
       * The header that has the time in Unix seconds. With it, what is signed is the time, a full stop and the body;
       * without it, the body, and requests have no age.
       */
      readonly timestampHeader?: string;
      /** As above; needs `timestampHeader`. Default 300. */
      readonly tolerance?: number;
    };

/** What the properties of a step function say about its attempts, where workflow code set them on what it called. */
export interface StepSettings {
  /** Attempts after the first one. */
  readonly maxRetries?: number;
  /** How long an attempt may take without a heartbeat, in milliseconds. */
  readonly timeout?: number;
  /** Between attempts; milliseconds. */
  readonly backoff?: Backoff;
  /** False: the body runs at most once. */
  readonly idempotent?: false;
}

/** How long to wait before an attempt: `initial`, then `factor` times as long each time, at most `max`. */
export interface Backoff {
  readonly initial: number;
  readonly factor: number;
  readonly max: number;
}

/** `null` removes. */
export interface AttributeChange {
  readonly key: string;
  readonly value: string | null;
}

export type AttributeWriter =
  | { readonly type: "workflow" }
  | { readonly type: "step"; readonly stepId: string; readonly attempt: number };

/** Why an awaited run has no result. `missing`: there is no such run; `expired`: it has ended and keeps no data. */
export interface AwaitedEnd {
  readonly runId: string;
  readonly status: "failed" | "cancelled" | "missing" | "expired";
  readonly errorCode?: RunErrorCode;
  readonly cancelReason?: string;
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
