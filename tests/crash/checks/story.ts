import { StepOutcomeUnknownError } from "workflow/errors";
import type { StoredEvent } from "workflow/world";
import { serializeThrown } from "../../../packages/workflow/src/serialization/serialize.ts";
import type { Dump, StoredRun } from "../dump.ts";
import type { BodyLine, CallLine, KillLine, Line, StallLine, WakeLine } from "../evidence.ts";
import type { Crash, Life } from "../life.ts";

/** A made-up run, for tests of the checks: what it stored, and the evidence of it. */
export const RUN = "wrun_1";
const STEP = "step//./shop//charge";

type Told = Omit<StoredEvent, "position" | "turn" | "at">;

const textOf = (value: string): string => `devl[${JSON.stringify(value)}]`;

export const created: Told = { type: "run_created", data: { workflowName: "workflow//./shop//order", codeHash: "c" } };
export const begun: Told = { type: "run_started", data: {} };
export const completed: Told = { type: "run_completed", data: {}, payload: textOf("done") };
export const cancelled: Told = { type: "run_cancelled", data: {} };
export const stepCreated: Told = { type: "step_created", correlationId: "step_1", data: { stepName: STEP } };
export const calledOnce: Told = {
  type: "step_created",
  correlationId: "step_1",
  data: { stepName: STEP, idempotent: false },
};
export const stepUnknown: Told = {
  type: "step_failed",
  correlationId: "step_1",
  data: {},
  payload: serializeThrown(new StepOutcomeUnknownError({ stepName: STEP, stepId: "step_1" }), {
    what: "thrown value",
    of: STEP,
  }),
};
export const stepRetrying: Told = { type: "step_retrying", correlationId: "step_1", data: { retryAfter: 0 } };
export const stepCompleted: Told = {
  type: "step_completed",
  correlationId: "step_1",
  data: {},
  payload: textOf("paid"),
};
export const hookCreated: Told = {
  type: "hook_created",
  correlationId: "hook_1",
  data: { token: "door", isWebhook: false },
};

export function stepStarted(attempt: number): Told {
  return { type: "step_started", correlationId: "step_1", data: { attempt } };
}

export function received(payload: string): Told {
  return { type: "hook_received", correlationId: "hook_1", data: {}, payload: textOf(payload) };
}

/** A World with this one run. */
export function stored(history: readonly Told[], run: Partial<StoredRun> = {}): Dump {
  const events = history.map((event, index) => ({ ...event, position: index + 1, turn: index + 1, at: 0 }));
  const told = { runId: RUN, workflowName: "workflow//./shop//order", status: "completed", inbox: [] } as const;
  return { runs: [{ ...told, history: events as StoredEvent[], ...run }], tokens: [], held: [], nextDueAt: null };
}

export function body(event: "begin" | "end", attempt: number, pid: number): BodyLine {
  return { event, runId: RUN, stepId: "step_1", name: STEP, attempt, pid };
}

export function resume(event: "ask" | "ack" | "refused", payload: string, pid = 1): CallLine {
  return { event, call: "resume", token: "door", payload, pid };
}

export function kill(pid: number): KillLine {
  return { event: "kill", pid, why: "a test" };
}

export function stall(pid: number): StallLine {
  return { event: "stall", pid };
}

export function wake(pid: number): WakeLine {
  return { event: "wake", pid };
}

export function life(evidence: readonly Line[], end: Dump, ...crashes: readonly Crash[]): Life {
  return { evidence, crashes, end };
}
