/** The types of what workflow code imports from `workflow` (contract 01). */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { StringValue } from "../world/duration.ts";
import type { RunStatus } from "../world/entities.ts";
import type { Verification } from "../world/events.ts";
import type { RunStreams } from "../world/run-streams.ts";
import type { HeldResume, HoldOptions, KeyOptions, ResumedHook } from "../world/resume.ts";

export interface HookOptions {
  /**
   * What code outside resumes the hook by. At most one active hook has it at any time. 1 to 512 characters.
   * Default: a generated one that cannot be guessed.
   */
  readonly token?: string | undefined;
  /** Any serializable value. Code outside reads it with `getHookByToken`. */
  readonly metadata?: unknown;
  /** Whether the public webhook endpoint may resume it. Default false. */
  readonly isWebhook?: boolean | undefined;
  /**
   * How long the hook takes payloads: a duration like `"2 days"`, milliseconds, or the time of its end. After that,
   * resumes find no hook, and whoever awaits or iterates it gets `HookExpiredError` once what came in time is used up.
   * Default: until it is disposed or its run ends.
   */
  readonly expiresIn?: StringValue | number | Date | undefined;
  /**
   * Nobody else gets the token before this time, counted from the call, also when the run has ended; `dispose` gives
   * it back at once. At most 30 days. Default: the token is free when the run ends.
   */
  readonly experimental_minRetention?: StringValue | number | Date | undefined;
}

export interface WebhookOptions {
  /**
   * What the HTTP caller gets. Default: 202 Accepted, at once. A `Response`: always that one. `"manual"`: what a step
   * passes to `request.respondWith()`; the caller waits for it.
   */
  readonly respondWith?: Response | "manual" | undefined;
  /** Any serializable value. Code outside reads it with `getHookByToken`. */
  readonly metadata?: unknown;
  /** As of hooks; after it, callers get 404. */
  readonly expiresIn?: StringValue | number | Date | undefined;
  /**
   * How requests must be signed. Checked on the bytes of the body before anything is stored; who fails gets 401.
   * `secret` is the name of an environment variable of the process that takes the requests. Default: whoever knows the
   * URL may call it.
   */
  readonly verify?: Verification | undefined;
}

/**
 * A place where a run waits for payloads from outside (contract 01 section 1.6). Await it for the next payload,
 * iterate it for all of them. Payloads that come before anyone waits are kept, in order.
 */
export interface Hook<T = unknown> extends AsyncIterable<T>, PromiseLike<T> {
  readonly token: string;
  /**
   * Resolves once the hook is registered: with null, or with the run that holds the token. Does not wait for a
   * payload. A hook in conflict rejects with `HookConflictError` where it is awaited or iterated.
   */
  getConflict(): Promise<ConflictingRun | null>;
  /**
   * Waits for the next payload, at most for `timeout`. What comes later is for whoever waits next, also when it has lost
   * a `Promise.race`. Default: without an end.
   */
  receive(options?: ReceiveOptions): Promise<Received<T>>;
  /** Frees the token and refuses later payloads. Iterations end. Again: nothing. */
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface ReceiveOptions {
  /** A duration like `"10m"`, milliseconds, or the time of its end. */
  readonly timeout?: StringValue | number | Date | undefined;
}

export type Received<T> = { readonly status: "received"; readonly payload: T } | { readonly status: "timeout" };

/**
 * Another run, as workflow code holds it. What the getters and methods come to is recorded like the result of a step,
 * once for each use. Its streams are for steps.
 */
export interface ConflictingRun<Result = unknown> extends RunStreams {
  readonly runId: string;
  readonly status: Promise<RunStatus>;
  readonly exists: Promise<boolean>;
  readonly workflowName: Promise<string>;
  readonly createdAt: Promise<Date>;
  readonly startedAt: Promise<Date | undefined>;
  readonly completedAt: Promise<Date | undefined>;
  /** Waits for the end of the run. Rejects like `Run.returnValue`. */
  readonly returnValue: Promise<Result>;
  /** Rejects like `Run.cancel`. */
  cancel(options?: { readonly cancelReason?: string }): Promise<void>;
  /** Ends its sleeps now: all, or those with these ids. */
  wakeUp(options?: { readonly correlationIds?: readonly string[] }): Promise<{ readonly stoppedCount: number }>;
}

export interface CancellableOptions {
  /** How long the code may go on after a cancellation: a duration or milliseconds, at most 24 hours. Default `"30s"`. */
  readonly cleanup?: StringValue | number | undefined;
}

/** A hook with an address on the web; each HTTP request is a payload (contract 01 section 1.8). */
export interface Webhook<T = Request> extends Hook<T> {
  /** Where to send requests. */
  readonly url: string;
}

/** A request whose caller waits for a step to answer. */
export interface RequestWithResponse extends Request {
  /**
   * Answers the caller. Only in steps, once for each request. Resolves once the answer is stored; it reaches the
   * caller whichever process that one is connected to, unless it has gone.
   * @throws `EntityConflictError` when the request was answered before.
   */
  respondWith(response: Response): Promise<void>;
}

// oxlint-disable-next-line eslint/no-redeclare -- the namespace below adds a type to it
export interface TypedHook<Input, Output = Input> {
  /** Only in workflow code. */
  create(options?: HookOptions): Hook<Output>;
  /**
   * Validates, transforms and delivers; only in host code.
   * @throws `HookNotFoundError`; whatever the schema's issues say, as a `WorkflowError` `INVALID_ARGUMENT`; what the
   *   schema itself throws. Nothing is written then.
   */
  resume(token: string, payload: Input, options: HoldOptions): Promise<ResumedHook | HeldResume>;
  resume(token: string, payload: Input, options?: KeyOptions & { readonly hold?: undefined }): Promise<ResumedHook>;
}

export declare namespace TypedHook {
  /** What the `resume` of a typed hook takes. */
  type Input<T> = T extends { resume(token: string, payload: infer I): unknown } ? I : never;
}

export interface DefineHookOptions<Input, Output> {
  /** Checks and transforms payloads on the host, before they are stored (Standard Schema v1). */
  readonly schema?: StandardSchemaV1<Input, Output>;
}

export interface WorkflowWritableStreamOptions {
  /** Any text, at most 256 characters. Default: the run's default stream, which has no name. */
  readonly namespace?: string | undefined;
}

export interface WorkflowMetadata {
  readonly workflowName: string;
  readonly workflowRunId: string;
  /** The same on every replay. */
  readonly workflowStartedAt: Date;
  /** Base URL of this deployment. */
  readonly url: string;
  /** `encryption`: whether payloads were encrypted when the run began. */
  readonly features: { readonly encryption: boolean };
}

export interface StepMetadata {
  readonly stepName: string;
  /** The same for every attempt, unique for every call: an idempotency key for other systems. */
  readonly stepId: string;
  /** When this attempt started. */
  readonly stepStartedAt: Date;
  /** 1 for the first. */
  readonly attempt: number;
  /**
   * Aborted when nobody waits for the body any more: its attempt has timed out, its run has been cancelled or has ended
   * otherwise, or its worker has stopped and the grace period is over. `reason` says which: `StepTimeoutError`,
   * `WorkflowRunCancelledError`, `EntityConflictError`, or a `WorkflowError` with code `WORKER_STOPPED`. Not enumerable,
   * so that the metadata can be returned, stored and printed.
   */
  readonly signal: AbortSignal;
}

/** The longest token, in characters. */
export const LONGEST_TOKEN = 512;
