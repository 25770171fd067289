import type {
  Claim,
  Continuation,
  EventData,
  NewEvent,
  NewFact,
  NewRun,
  Payload,
  StepOffer,
  StoredCode,
  TurnEntry,
} from "workflow/world";

/** When everything in the kit's histories happens, unless a check is about time. */
export const AT: number = Date.UTC(2026, 0, 1);

/** Looks like what serialization writes; Worlds must not care. */
export function payload(text: string): Payload {
  return `devl${JSON.stringify([text])}`;
}

export const CODE: StoredCode = { hash: "c0de".repeat(16), source: "exports.x = 1;", map: "" };

/** Ids of the kit's runs: creation order is text order. */
export function runIdOf(n: number): string {
  return `wrun_${String(n).padStart(26, "0")}`;
}

export function newRunOf(n: number, rest: Partial<NewRun> = {}): NewRun {
  return {
    runId: runIdOf(n),
    workflowName: "workflow//shop//order",
    codeHash: CODE.hash,
    input: payload(`input ${n}`),
    attributes: { customer: `c${n}` },
    seed: String(n).padStart(32, "5eed"),
    createdAt: AT + n,
    ...rest,
  };
}

export const started: NewEvent = { type: "run_started", data: {}, at: AT };
export const completed: NewEvent = {
  type: "run_completed",
  data: {},
  payload: payload("done"),
  at: AT,
};
export const failed: NewEvent = {
  type: "run_failed",
  data: { errorCode: "USER_ERROR" },
  payload: payload("broken"),
  at: AT,
};

/** Of the steps of the kit. */
export const STEP_NAME = "step//shop//charge";

/** A step that any worker may run. */
export function offerOf(stepId: string, rest: Partial<StepOffer> = {}): StepOffer {
  const run = { workflowName: "workflow//shop//order", startedAt: AT, baseUrl: "http://localhost", encryption: false };
  return {
    stepId,
    stepName: STEP_NAME,
    attempt: 1,
    createdAt: AT,
    startedAt: AT + 1,
    input: payload(`of ${stepId}`),
    settings: { maxRetries: 2 },
    run: { ...run, rootRunId: "wrun_root" },
    ...rest,
  };
}

export function stepCreated(stepId: string): NewEvent {
  return {
    type: "step_created",
    correlationId: stepId,
    data: { stepName: STEP_NAME },
    payload: payload(`of ${stepId}`),
    at: AT,
  };
}

/** A step whose outcome is the end of another run. */
export function stepAwaiting(stepId: string, runId: string): NewEvent {
  const data = { stepName: "step//workflow//run.returnValue", awaits: runId };
  return { type: "step_created", correlationId: stepId, data, payload: payload(`of ${stepId}`), at: AT };
}

/** The run goes on as new; its hooks have the ids that they get in the kit. */
export function continued(rest: Partial<Omit<Continuation, "kind">> = {}): Continuation {
  const input = payload("next input");
  return { kind: "continue", codeHash: CODE.hash, input, at: AT + 500, hooks: [], untaken: [], ...rest };
}

export function cancelRequested(deadline: number, cancelReason?: string): NewEvent {
  const data = { deadline, ...(cancelReason !== undefined && { cancelReason }) };
  return { type: "cancel_requested", data, at: AT };
}

export function stepStarted(stepId: string, attempt = 1): NewEvent {
  return { type: "step_started", correlationId: stepId, data: { attempt }, at: AT };
}

export function stepRetrying(stepId: string, retryAfter: number): NewEvent {
  return {
    type: "step_retrying",
    correlationId: stepId,
    data: { retryAfter },
    payload: payload("flaky"),
    at: AT,
  };
}

export function stepCompleted(stepId: string, result: Payload = payload("result")): NewEvent {
  return { type: "step_completed", correlationId: stepId, data: {}, payload: result, at: AT };
}

export function stepFailed(stepId: string): NewEvent {
  return {
    type: "step_failed",
    correlationId: stepId,
    data: {},
    payload: payload("refused"),
    at: AT,
  };
}

export function hookCreated(hookId: string, token: string, metadata?: Payload): NewEvent {
  return {
    type: "hook_created",
    correlationId: hookId,
    data: { token, isWebhook: false },
    at: AT,
    ...(metadata !== undefined && { payload: metadata }),
  };
}

/** A hook of the engine. */
export function systemHookCreated(hookId: string, token: string): NewEvent {
  const data = { token, isWebhook: false, isSystem: true } as const;
  return { type: "hook_created", correlationId: hookId, data, at: AT };
}

/** Workflow code gives its own system hook a payload. */
export function saidItself(hookId: string, text: string): NewEvent {
  return { type: "hook_received", correlationId: hookId, data: { own: true }, payload: payload(text), at: AT };
}

/** A hook that ends by itself, or whose token outlives its run; times in milliseconds since the epoch. */
export function hookLasting(
  hookId: string,
  token: string,
  times: Pick<EventData["hook_created"], "expiresAt" | "tokenRetentionUntil">,
): NewEvent {
  return { type: "hook_created", correlationId: hookId, data: { token, isWebhook: false, ...times }, at: AT };
}

export function hookExpired(hookId: string): NewEvent {
  return { type: "hook_disposed", correlationId: hookId, data: { expired: true }, at: AT };
}

/** That a run is created with, for a payload of `text`. */
export function claimOf(token: string, text: string, rest: Partial<Claim> = {}): { readonly claim: Claim } {
  return { claim: { token, hookId: `hook_of ${token}`, fact: said(text), ...rest } };
}

export function hookDisposed(hookId: string): NewEvent {
  return { type: "hook_disposed", correlationId: hookId, data: {}, at: AT };
}

export function waitCreated(waitId: string, resumeAt: number): NewEvent {
  return { type: "wait_created", correlationId: waitId, data: { resumeAt }, at: AT };
}

export function waitCompleted(waitId: string): NewFact {
  return { type: "wait_completed", correlationId: waitId, data: {}, at: AT };
}

/** A payload for whichever hook holds the token it is sent to. */
export function said(text: string): NewEvent<"hook_received"> {
  return { type: "hook_received", data: {}, payload: payload(text), at: AT };
}

export function cancelled(cancelReason?: string): NewFact {
  return {
    type: "run_cancelled",
    data: cancelReason === undefined ? {} : { cancelReason },
    at: AT,
  };
}

export function entry(event: NewEvent): TurnEntry {
  return { kind: "event", event };
}

export function admit(factId: number, undelivered = false): TurnEntry {
  return { kind: "admit", factId, undelivered };
}
