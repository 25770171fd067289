/** The types of what workflow code imports from `workflow` (contract 01). */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Hook as HookEntity } from "../world/entities.ts";

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
  /** Frees the token and refuses later payloads. Iterations end. Again: nothing. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** The run that holds a token. */
export interface ConflictingRun {
  readonly runId: string;
}

export interface TypedHook<Input, Output = Input> {
  /** Only in workflow code. */
  create(options?: HookOptions): Hook<Output>;
  /**
   * Validates, transforms and delivers; only in host code.
   * @throws `HookNotFoundError`; whatever the schema's issues say, as a `WorkflowError` `INVALID_ARGUMENT`.
   */
  resume(token: string, payload: Input): Promise<HookEntity>;
}

export interface DefineHookOptions<Input, Output> {
  /** Checks and transforms payloads on the host, before they are stored (Standard Schema v1). */
  readonly schema?: StandardSchemaV1<Input, Output>;
}

export interface WorkflowMetadata {
  readonly workflowName: string;
  readonly workflowRunId: string;
  /** The same on every replay. */
  readonly workflowStartedAt: Date;
  /** Base URL of this deployment. */
  readonly url: string;
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
}

/** The longest token, in characters. */
export const LONGEST_TOKEN = 512;
