import type { Step } from "../world/entities.ts";
import { OWN } from "../world/attributes.ts";
import type { OfferedStep, StepFact, StepOffer } from "../world/offers.ts";
import type { WorkerId } from "../world/world.ts";
import type { StepOutcome } from "./execute-step.ts";
import { type LiveRun, metadataOf, rootOf, type RunOfStep } from "./live-run.ts";
import { judgeFailure } from "./retry.ts";

/** What a worker has to know to run the body of a step that has been started. */
export function offerOf(run: LiveRun, step: Step): StepOffer {
  const { stepId, stepName, attempt, createdAt, updatedAt, settings, input } = step;
  const { workflowName, workflowStartedAt, url: baseUrl, features } = metadataOf(run);
  return {
    stepId,
    stepName,
    attempt,
    createdAt: createdAt.getTime(),
    startedAt: updatedAt.getTime(),
    ...(settings !== undefined && { settings }),
    ...(input !== undefined && { input }),
    run: {
      workflowName,
      startedAt: workflowStartedAt.getTime(),
      baseUrl,
      encryption: features.encryption,
      rootRunId: rootOf(run),
    },
  };
}

/** The step as it is in its run's history. */
export function stepOf(offered: OfferedStep): Step {
  const { runId, stepId, stepName, attempt, createdAt, startedAt, settings, input } = offered;
  return {
    runId,
    stepId,
    stepName,
    status: "running",
    attempt,
    createdAt: new Date(createdAt),
    startedAt: new Date(startedAt),
    updatedAt: new Date(startedAt),
    ...(settings !== undefined && { settings }),
    ...(input !== undefined && { input }),
  };
}

/** The run as its step may ask about it. Its lease is no good: the worker does not own the run. */
export function runOfOffered({ runId, run }: OfferedStep, worker: WorkerId): RunOfStep {
  return {
    lease: { runId, worker, epoch: 0 },
    workflowName: run.workflowName,
    baseUrl: run.baseUrl,
    encryption: run.encryption,
    state: { run: { startedAt: new Date(run.startedAt), attributes: { [OWN.root]: run.rootRunId } } },
  };
}

/** What the owner of the run is told. */
export function factOf(outcome: StepOutcome, now: number): StepFact {
  const about = { correlationId: outcome.stepId, at: now };
  if (outcome.kind === "completed") return { type: "step_completed", ...about, data: {}, payload: outcome.result };
  const verdict = judgeFailure(outcome, now);
  if (verdict.kind === "fail") return { type: "step_failed", ...about, data: {}, payload: outcome.error };
  return { type: "step_retrying", ...about, data: { retryAfter: verdict.at }, payload: outcome.error };
}
