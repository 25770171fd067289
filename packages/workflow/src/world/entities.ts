import type { EventData, EventType, Payload, RunErrorCode, StepSettings, WebhookSettings } from "./events.ts";

export type RunStatus = "pending" | "running" | "completed" | "failed" | "cancelled";

/** One execution of a workflow function (contract 04 section 4.5). Payloads are as stored. */
export interface WorkflowRun {
  readonly runId: string;
  readonly status: RunStatus;
  readonly workflowName: string;
  /** Names the code the run was started with. Here: the hash of its realm bundle. */
  readonly deploymentId: string;
  readonly input?: Payload;
  /** Present on completed runs. */
  readonly output?: Payload;
  /** The thrown value of a failed run. */
  readonly error?: Payload;
  readonly errorCode?: RunErrorCode;
  readonly cancelReason?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt?: Date;
  /** Present on ended runs. */
  readonly completedAt?: Date;
  /** Since then its data is gone: inputs, results, errors and payloads. Absent while it is there. */
  readonly expiredAt?: Date;
  /** It was cancelled, and its code may clean up until `deadline`; present until it has ended. */
  readonly cancelling?: { readonly deadline: Date; readonly reason?: string };
  /** How often it has continued as new; absent: never. */
  readonly generation?: number;
  /** Why the run stands still and needs an operator; absent on healthy runs. */
  readonly problem?: Problem;
}

/** Why a run was put aside rather than failed: something outside it has to change first. */
export interface Problem {
  readonly code: string;
  readonly message: string;
}

export type StepStatus = "pending" | "running" | "completed" | "failed";

export interface Step {
  readonly runId: string;
  readonly stepId: string;
  readonly stepName: string;
  readonly status: StepStatus;
  readonly input?: Payload;
  readonly output?: Payload;
  /** Of the last attempt that failed. */
  readonly error?: Payload;
  /** 0 before the first attempt starts. */
  readonly attempt: number;
  /** Set by the workflow body; the step function's own settings win. */
  readonly settings?: StepSettings;
  /** The run whose end is the step's outcome. */
  readonly awaits?: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly startedAt?: Date;
  readonly completedAt?: Date;
  /** When the next attempt may start; present between attempts. */
  readonly retryAfter?: Date;
}

/**
 * A place where a run waits for a payload from outside (contract 02 section 2.6). The tenancy fields
 * `ownerId`, `projectId` and `environment` are constants here: one World serves one tenant.
 */
export interface Hook {
  readonly runId: string;
  readonly hookId: string;
  /** What code outside resumes it by. */
  readonly token: string;
  readonly ownerId: string;
  readonly projectId: string;
  readonly environment: string;
  /** As stored when read from a World; the value given to `createHook` when read through `workflow/api`. */
  readonly metadata?: unknown;
  readonly createdAt: Date;
  /** Whether the public webhook endpoint may resume it. */
  readonly isWebhook: boolean;
  /** Made by the engine; not listed. */
  readonly isSystem?: true;
  /** It takes nothing from then on. Absent: it lasts until it is disposed or its run ends. */
  readonly expiresAt?: Date;
  /** Nobody else gets the token before, also when the run has ended. */
  readonly tokenRetentionUntil?: Date;
  /** Of webhooks: how requests are treated. */
  readonly webhook?: WebhookSettings;
}

/** A payload that came before any hook had its token, and whose sender asked for it to be kept. */
export interface HeldPayload {
  /** `held_` and a number that grows in the order of acceptance. */
  readonly heldId: string;
  readonly token: string;
  /** `held`: for the first run that claims the token; `dropped`: nobody did in time, and nobody will get it. */
  readonly status: "held" | "dropped";
  /** As stored. */
  readonly payload?: Payload;
  /** Of the stored payload, in characters. */
  readonly size: number;
  readonly idempotencyKey?: string;
  readonly receivedAt: Date;
  readonly heldUntil: Date;
}

export type WaitStatus = "waiting" | "completed";

export interface Wait {
  readonly runId: string;
  readonly waitId: string;
  readonly status: WaitStatus;
  readonly resumeAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt?: Date;
}

/** An event as people read it (contract 05 section 5.1). */
export interface Event {
  readonly runId: string;
  /** `evnt_` and the zero-padded position. Unique within the run. */
  readonly eventId: string;
  readonly eventType: EventType;
  readonly correlationId?: string;
  /** The event's fields; the payload, as stored, stands under its contract name (`input`, `result`, ...). */
  readonly eventData: EventData[EventType] & Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}
