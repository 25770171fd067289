import type { StoredEvent } from "workflow/world";
import type { Dump, StoredRun } from "../dump.ts";

/** One call of a step, as the history tells it. */
export interface StepHistory {
  readonly runId: string;
  readonly stepId: string;
  readonly name: string;
  readonly status: "pending" | "running" | "retrying" | "completed" | "failed";
  /** The attempts that were started, in order. */
  readonly started: readonly number[];
  /** Those of them that threw and were followed by another, by their number. */
  readonly retried: ReadonlySet<number>;
  /** Whether it may run at most once. */
  readonly isOnce: boolean;
  /** Whether it was given up because nobody knows what came of it. */
  readonly isUnknown: boolean;
}

export function stepHistories(stored: Dump): readonly StepHistory[] {
  return stored.runs.flatMap(stepsOf);
}

function stepsOf({ runId, history }: StoredRun): readonly StepHistory[] {
  const created = history.filter((event) => event.type === "step_created");
  return created.map((event) => {
    const own = history.filter((other) => other.correlationId === event.correlationId);
    const isUnknown = own.some(({ type, payload }) => type === "step_failed" && isUnknownOutcome(payload));
    const stepId = event.correlationId ?? "";
    const isOnce = own.some(({ data }) => "idempotent" in data && data.idempotent === false);
    return { runId, stepId, name: event.data.stepName, isOnce, isUnknown, ...attemptsIn(own) };
  });
}

function isUnknownOutcome(payload: string | undefined): boolean {
  return payload?.includes("STEP_OUTCOME_UNKNOWN") === true;
}

const STATUS = {
  step_started: "running",
  step_retrying: "retrying",
  step_completed: "completed",
  step_failed: "failed",
} as const;

function attemptsIn(events: readonly StoredEvent[]): Pick<StepHistory, "status" | "started" | "retried"> {
  let status: StepHistory["status"] = "pending";
  const started: number[] = [];
  const retried = new Set<number>();
  for (const event of events) {
    if (event.type === "step_started") started.push(event.data.attempt);
    if (event.type === "step_retrying") retried.add(started.at(-1) ?? 0);
    if (event.type in STATUS) status = STATUS[event.type as keyof typeof STATUS];
  }
  return { status, started, retried };
}
