import type { Event, HeldPayload, Hook, RunStatus, Step, WorkflowRun } from "./entities.ts";
import type { Payload } from "./events.ts";

// Reads for people (contract 04 sections 4.4 to 4.7).

export interface Pagination {
  /** 1 to 1000. Default 100. */
  readonly limit?: number;
  /** From the page before. Opaque. */
  readonly cursor?: string;
  /** Default `desc` (newest first); `asc` for events. */
  readonly sortOrder?: "asc" | "desc";
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly cursor: string | null;
  readonly hasMore: boolean;
}

/** `none` leaves out every payload. Default `all`. */
export type ResolveData = "all" | "none";

export interface ReadOptions {
  readonly resolveData?: ResolveData;
}

export interface ListOptions extends ReadOptions {
  readonly pagination?: Pagination;
}

export interface RunReads {
  /** @throws `WorkflowRunNotFoundError` */
  get(runId: string, options?: ReadOptions): Promise<WorkflowRun>;
  /** `status: []` matches nothing; `attributes`: only runs that have all of them, by an index. */
  list(
    options?: ListOptions & {
      readonly workflowName?: string;
      readonly status?: RunStatus | readonly RunStatus[];
      readonly attributes?: Readonly<Record<string, string>>;
    },
  ): Promise<Page<WorkflowRun>>;
  /**
   * Resolves with the run once it has ended, or with its latest state after `timeoutMs` (default 50000) or when
   * `signal` aborts; look at `status`.
   * @throws `WorkflowRunNotFoundError`
   */
  waitForTerminalStatus(
    runId: string,
    options?: ReadOptions & { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<WorkflowRun>;
}

export interface StepReads {
  /** @throws `WorkflowWorldError` `NOT_FOUND` */
  get(runId: string, stepId: string, options?: ReadOptions): Promise<Step>;
  list(options: ListOptions & { readonly runId: string }): Promise<Page<Step>>;
}

/**
 * Active hooks only: created, and neither disposed, expired, nor of a run that has ended. By token also those that a
 * run that has ended retains.
 */
export interface HookReads {
  /** @throws `HookNotFoundError` */
  get(hookId: string): Promise<Hook>;
  /** @throws `HookNotFoundError` */
  getByToken(token: string): Promise<Hook>;
  /** Without system hooks. */
  list(options?: ListOptions & { readonly runId?: string }): Promise<Page<Hook>>;
  /**
   * Of a system hook: resolves with the first payload that it has got, whether its run has taken it in or not, or with
   * null once the run has ended without one, after `timeoutMs`, or when `signal` aborts.
   * @throws `WorkflowRunNotFoundError`
   */
  firstPayload(
    hook: { readonly runId: string; readonly hookId: string },
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<Payload | null>;
}

export interface HeldReads {
  /** Payloads that are held, and those dropped within `DROPPED_MEMORY_MS`. */
  list(options?: ListOptions & { readonly token?: string }): Promise<Page<HeldPayload>>;
}

export interface EventReads {
  /** @throws `WorkflowWorldError` `NOT_FOUND` */
  get(runId: string, eventId: string): Promise<Event>;
  list(options: ListOptions & { readonly runId: string }): Promise<Page<Event>>;
  listByCorrelationId(
    options: ListOptions & { readonly runId: string; readonly correlationId: string },
  ): Promise<Page<Event>>;
}
