import { changed, NO_RETENTION, OWN } from "./attributes.ts";
import type { Hook, Step, Wait, WorkflowRun } from "./entities.ts";
import type { EventData, StepSettings, StoredEvent } from "./events.ts";

/** A hook as its run's history shows it. */
export interface HookState {
  readonly hook: Hook;
  readonly status: "active" | "disposed" | "conflict";
}

/** What the state machine looks things up in. */
export interface Entities {
  readonly run: WorkflowRun | undefined;
  step(stepId: string): Step | undefined;
  hook(hookId: string): HookState | undefined;
  wait(waitId: string): Wait | undefined;
}

/** What one event changes. */
export type Change =
  | { readonly kind: "run"; readonly run: WorkflowRun }
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "hook"; readonly hook: HookState }
  | { readonly kind: "wait"; readonly wait: Wait }
  | { readonly kind: "none" }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * The one state machine of a run (contract 05 sections 5.3 to 5.5), shared by Worlds, workers and readers.
 * Pure: says what `event` changes, or why it cannot happen.
 */
export function reduce(runId: string, entities: Entities, event: StoredEvent): Change {
  if (event.type === "run_created") return createRun(runId, entities, event);
  const { run } = entities;
  if (run === undefined) return refuse(event, "the run does not exist");
  switch (event.type) {
    case "run_started":
    case "run_completed":
    case "run_failed":
    case "run_cancelled":
    case "cancel_requested":
    case "attr_set":
      return moveRun(run, event);
    case "step_created":
    case "step_started":
    case "step_retrying":
    case "step_completed":
    case "step_failed":
      return moveStep(run, entities, event);
    case "hook_created":
    case "hook_conflict":
    case "hook_received":
    case "hook_disposed":
      return moveHook(run, entities, event);
    case "wait_created":
    case "wait_completed":
      return moveWait(run, entities, event);
  }
}

export function isEnded(run: WorkflowRun): boolean {
  return run.status === "completed" || run.status === "failed" || run.status === "cancelled";
}

function refuse(event: StoredEvent, why: string): Change {
  const about = event.correlationId === undefined ? "" : ` of ${event.correlationId}`;
  return { kind: "refused", reason: `${event.type}${about} at position ${event.position}: ${why}` };
}

function createRun(runId: string, entities: Entities, event: StoredEvent<"run_created">): Change {
  if (entities.run !== undefined) return refuse(event, "the run exists already");
  const createdAt = new Date(event.data.since ?? event.at);
  const run: WorkflowRun = {
    runId,
    status: "pending",
    workflowName: event.data.workflowName,
    deploymentId: event.data.codeHash,
    attributes: event.data.attributes ?? {},
    createdAt,
    updatedAt: createdAt,
    ...(event.data.generation !== undefined && { generation: event.data.generation }),
    ...(event.payload !== undefined && { input: event.payload }),
  };
  return { kind: "run", run };
}

function moveRun(
  run: WorkflowRun,
  event: StoredEvent<
    "run_started" | "run_completed" | "run_failed" | "run_cancelled" | "cancel_requested" | "attr_set"
  >,
): Change {
  if (isEnded(run)) return refuse(event, `the run is ${run.status}`);
  const at = new Date(event.at);
  switch (event.type) {
    case "run_started":
      if (run.status !== "pending") return refuse(event, `the run is ${run.status}`);
      return { kind: "run", run: { ...run, status: "running", startedAt: at, updatedAt: at } };
    case "cancel_requested": {
      if (run.status !== "running") return refuse(event, `the run is ${run.status}`);
      if (run.cancelling !== undefined) return refuse(event, "the run is being cancelled already");
      const { deadline, cancelReason } = event.data;
      const cancelling = {
        deadline: new Date(deadline),
        ...(cancelReason !== undefined && { reason: cancelReason }),
      };
      return { kind: "run", run: { ...run, cancelling, updatedAt: at } };
    }
    case "attr_set":
      return { kind: "run", run: { ...run, attributes: changed(run.attributes, event.data.changes), updatedAt: at } };
    case "run_completed":
      return { kind: "run", run: { ...over(run, at), status: "completed", ...outcomeAs("output", run, event) } };
    case "run_failed": {
      const { errorCode } = event.data;
      return { kind: "run", run: { ...over(run, at), status: "failed", errorCode, ...outcomeAs("error", run, event) } };
    }
    case "run_cancelled": {
      const { cancelReason } = event.data;
      const reason = cancelReason === undefined ? {} : { cancelReason };
      return { kind: "run", run: { ...over(run, at), status: "cancelled", ...reason } };
    }
  }
}

/** A run that has ended is not being cancelled any more. Few were, and leaving out costs more than copying. */
function withoutCancelling(run: WorkflowRun): WorkflowRun {
  if (run.cancelling === undefined) return run;
  const { cancelling: _, ...rest } = run;
  return rest;
}

/** A run that is over, before its payload: without data, where it is to keep none (contract 07 section 7.12). */
function over(run: WorkflowRun, at: Date): WorkflowRun {
  const ended: WorkflowRun = { ...withoutCancelling(run), completedAt: at, updatedAt: at };
  if (run.attributes[OWN.retention] !== NO_RETENTION) return ended;
  const { input: _, ...rest } = ended;
  return { ...rest, expiredAt: at };
}

/** What a run came to, unless its data goes with its end. */
function outcomeAs<F extends string>(field: F, run: WorkflowRun, event: StoredEvent): { readonly [K in F]?: string } {
  return run.attributes[OWN.retention] === NO_RETENTION ? {} : payloadAs(field, event);
}

function payloadAs<F extends string>(field: F, event: StoredEvent): { readonly [K in F]?: string } {
  return event.payload === undefined ? {} : ({ [field]: event.payload } as { [K in F]: string });
}

function withoutRetry(step: Step): Step {
  if (step.retryAfter === undefined) return step;
  const { retryAfter: _, ...rest } = step;
  return rest;
}

function moveStep(
  run: WorkflowRun,
  entities: Entities,
  event: StoredEvent<"step_created" | "step_started" | "step_retrying" | "step_completed" | "step_failed">,
): Change {
  const stepId = event.correlationId ?? "";
  const step = entities.step(stepId);
  const at = new Date(event.at);
  if (event.type === "step_created") {
    if (isEnded(run)) return refuse(event, `the run is ${run.status}`);
    if (step !== undefined) return refuse(event, "the step exists already");
    const created: Step = {
      runId: run.runId,
      stepId,
      stepName: event.data.stepName,
      status: "pending",
      attempt: 0,
      createdAt: at,
      updatedAt: at,
      ...(hasSettings(event.data) && { settings: settingsIn(event.data) }),
      ...(event.data.awaits !== undefined && { awaits: event.data.awaits }),
      ...payloadAs("input", event),
    };
    return { kind: "step", step: created };
  }
  if (step === undefined) return refuse(event, "the step does not exist");
  if (step.status === "completed" || step.status === "failed") return refuse(event, `the step is ${step.status}`);
  if (isEnded(run)) return refuse(event, `the run is ${run.status}`);
  switch (event.type) {
    case "step_started": {
      // A step that is running starts again when the worker that ran it died.
      return {
        kind: "step",
        step: {
          ...withoutRetry(step),
          status: "running",
          attempt: event.data.attempt,
          startedAt: step.startedAt ?? at,
          updatedAt: at,
          ...(event.data.idempotent === false && { settings: { ...step.settings, idempotent: false } }),
        },
      };
    }
    case "step_retrying":
      if (step.status !== "running") return refuse(event, `the step is ${step.status}`);
      return {
        kind: "step",
        step: {
          ...step,
          status: "pending",
          retryAfter: new Date(event.data.retryAfter),
          updatedAt: at,
          ...payloadAs("error", event),
        },
      };
    case "step_completed":
      return {
        kind: "step",
        step: { ...step, status: "completed", completedAt: at, updatedAt: at, ...payloadAs("output", event) },
      };
    case "step_failed":
      return {
        kind: "step",
        step: { ...step, status: "failed", completedAt: at, updatedAt: at, ...payloadAs("error", event) },
      };
  }
}

function hasSettings({ maxRetries, timeout, backoff, idempotent }: StepSettings): boolean {
  return maxRetries !== undefined || timeout !== undefined || backoff !== undefined || idempotent !== undefined;
}

function settingsIn({ maxRetries, timeout, backoff, idempotent }: StepSettings): StepSettings {
  return {
    ...(maxRetries !== undefined && { maxRetries }),
    ...(timeout !== undefined && { timeout }),
    ...(backoff !== undefined && { backoff }),
    ...(idempotent !== undefined && { idempotent }),
  };
}

function moveHook(
  run: WorkflowRun,
  entities: Entities,
  event: StoredEvent<"hook_created" | "hook_conflict" | "hook_received" | "hook_disposed">,
): Change {
  const hookId = event.correlationId ?? "";
  const known = entities.hook(hookId);
  if (event.type === "hook_created" || event.type === "hook_conflict") {
    if (isEnded(run)) return refuse(event, `the run is ${run.status}`);
    if (known !== undefined) return refuse(event, "the hook exists already");
    const hook: Hook = {
      runId: run.runId,
      hookId,
      token: event.data.token,
      ...TENANCY,
      createdAt: new Date(event.at),
      isWebhook: false,
      ...(event.type === "hook_created" && settingsOf(event.data)),
      ...(event.payload !== undefined && { metadata: event.payload }),
    };
    return { kind: "hook", hook: { hook, status: event.type === "hook_created" ? "active" : "conflict" } };
  }
  // The run owned the token and ended before it created the hook.
  if (known === undefined && event.type === "hook_received" && event.data.undelivered && event.data.token !== undefined)
    return { kind: "none" };
  if (known === undefined) return refuse(event, "the hook does not exist");
  switch (event.type) {
    case "hook_received":
      if (known.status === "active" || event.data.undelivered) return { kind: "none" };
      return refuse(event, `the hook is ${known.status}`);
    case "hook_disposed":
      // Code that creates and disposes a hook in one go does not know yet that the token was taken.
      if (known.status === "conflict") return { kind: "none" };
      if (known.status !== "active") return refuse(event, `the hook is ${known.status}`);
      return { kind: "hook", hook: { hook: known.hook, status: "disposed" } };
  }
}

/** What `hook_created` says about its hook. */
export function settingsOf(
  data: EventData["hook_created"],
): Pick<Hook, "isWebhook" | "isSystem" | "expiresAt" | "tokenRetentionUntil" | "webhook"> {
  const { isWebhook, isSystem, expiresAt, tokenRetentionUntil, webhook } = data;
  return {
    isWebhook,
    ...(isSystem !== undefined && { isSystem }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    ...(tokenRetentionUntil !== undefined && { tokenRetentionUntil: new Date(tokenRetentionUntil) }),
    ...(webhook !== undefined && { webhook }),
  };
}

/** One World serves one tenant (contract 02 section 2.6). */
export const TENANCY: { readonly ownerId: string; readonly projectId: string; readonly environment: string } = {
  ownerId: "local",
  projectId: "local",
  environment: "local",
};

function moveWait(run: WorkflowRun, entities: Entities, event: StoredEvent<"wait_created" | "wait_completed">): Change {
  const waitId = event.correlationId ?? "";
  const wait = entities.wait(waitId);
  if (isEnded(run)) return refuse(event, `the run is ${run.status}`);
  const at = new Date(event.at);
  if (event.type === "wait_created") {
    if (wait !== undefined) return refuse(event, "the wait exists already");
    const resumeAt = new Date(event.data.resumeAt);
    return {
      kind: "wait",
      wait: { runId: run.runId, waitId, status: "waiting", resumeAt, createdAt: at, updatedAt: at },
    };
  }
  if (wait === undefined) return refuse(event, "the wait does not exist");
  if (wait.status === "completed") return refuse(event, "the wait is completed");
  return { kind: "wait", wait: { ...wait, status: "completed", completedAt: at, updatedAt: at } };
}

/** Every entity of one run, by id, in the order of their creation. */
export interface RunState {
  run: WorkflowRun | undefined;
  readonly steps: Map<string, Step>;
  readonly hooks: Map<string, HookState>;
  readonly waits: Map<string, Wait>;
}

export function emptyState(): RunState {
  return { run: undefined, steps: new Map(), hooks: new Map(), waits: new Map() };
}

/** Applies `event` to `state` in place. Returns what changed; a refused event changes nothing. */
export function advance(runId: string, state: RunState, event: StoredEvent): Change {
  const change = reduce(
    runId,
    {
      run: state.run,
      step: (id) => state.steps.get(id),
      hook: (id) => state.hooks.get(id),
      wait: (id) => state.waits.get(id),
    },
    event,
  );
  switch (change.kind) {
    case "run":
      state.run = change.run;
      break;
    case "step":
      state.steps.set(change.step.stepId, change.step);
      break;
    case "hook":
      state.hooks.set(change.hook.hook.hookId, change.hook);
      break;
    case "wait":
      state.waits.set(change.wait.waitId, change.wait);
      break;
  }
  return change;
}
