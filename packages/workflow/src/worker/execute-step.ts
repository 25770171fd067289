import { isEngineStep } from "../replay/engine-steps.ts";
import { type LiveStream, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { deserialize, serializeThrown } from "../serialization/serialize.ts";
import type { Step } from "../world/entities.ts";
import { FatalError } from "../world/errors.ts";
import type { Backoff, Payload } from "../world/events.ts";
import { StepOutcomeUnknownError } from "../world/step-errors.ts";
import type { Attempt } from "./attempt.ts";
import { loadClasses } from "./load-classes.ts";
import { mayPass } from "./patience.ts";
import { inStep, type StepContext } from "./step-context.ts";
import { type EngineSteps, stepFunction } from "./step-functions.ts";
import { judgePolicy, type StepPolicy } from "./step-policy.ts";
import type { StepSignals } from "./step-signals.ts";

/** What one attempt of a step came to. */
export type StepOutcome = { readonly stepId: string; readonly attempt: number } & (
  | {
      readonly kind: "completed";
      readonly result: Payload;
      /** They flow once the result is durable. */
      readonly streams: readonly LiveStream[];
    }
  | {
      readonly kind: "failed";
      readonly error: Payload;
      readonly fatal: boolean;
      readonly maxRetries: number;
      readonly backoff: Backoff;
      readonly retryAfter: number | undefined;
    }
);

/** A body that was begun. Neither promise rejects. */
export interface Execution {
  /** What the attempt comes to: when its body ends, or before that when its time is over. */
  readonly outcome: Promise<StepOutcome>;
  /** Resolves when the body has ended, with what it came to. */
  readonly ended: Promise<StepOutcome>;
}

interface StepInput {
  readonly args: unknown[];
  readonly closureVars?: Record<string, unknown>;
  /** What the step was called on, where its body uses it. */
  readonly thisVal?: unknown;
}

/** What a body has around it. */
export interface BodySurroundings extends Pick<StepContext, "workflow" | "rootRunId" | "world" | "streams"> {
  readonly signals: StepSignals;
}

/** Runs one attempt of a step body, which is registered. */
export function executeStep(
  attempt: Attempt,
  { signals, ...about }: BodySurroundings,
  engineSteps: EngineSteps,
): Execution {
  const { step } = attempt;
  const { stepId, stepName, updatedAt } = step;
  const context = { step: { stepName, stepId, stepStartedAt: updatedAt, attempt: step.attempt }, attempt, ...about };
  let { policy } = judgePolicy(step, undefined);
  const late = Promise.withResolvers<StepOutcome>();
  const run = async (): Promise<StepOutcome> => {
    try {
      await loadClasses(step.input);
      const input = inStep(context, () => deserialize(step.input ?? "", signals.handles) as StepInput);
      const body = stepFunction(stepName, input.closureVars, engineSteps);
      const judged = judgePolicy(step, body);
      if (judged.status === "invalid") return failed(step, judged.error, { ...policy, maxRetries: 0 });
      policy = judged.policy;
      if (policy.isOnce && step.attempt > 1) throw new StepOutcomeUnknownError(step);
      await signals.ready();
      if (policy.timeout !== undefined)
        attempt.limit(policy.timeout, (error) => late.resolve(failed(step, error, policy)));
      const value = await callBody(context, () => body.apply(input.thisVal, input.args));
      const at = { what: "step return value", of: stepName } as const;
      const leaving = { runId: about.workflow.workflowRunId, signals: signals.write };
      const { payload: result, streams } = await serializeOutgoing(value, at, leaving);
      return { stepId, attempt: step.attempt, kind: "completed", result, streams };
    } catch (thrown) {
      return failed(step, thrown, policy);
    } finally {
      attempt.end();
      await signals.over();
    }
  };
  const ended = run();
  return { ended, outcome: Promise.race([ended, late.promise]) };
}

function failed(step: Step, thrown: unknown, { maxRetries, backoff }: StepPolicy): StepOutcome {
  const { stepId, attempt, stepName } = step;
  return {
    stepId,
    attempt,
    kind: "failed",
    error: serializeThrown(marked(thrown), { what: "thrown value", of: stepName }),
    fatal: isEngineStep(stepName) ? !mayPass(thrown) : isFatal(thrown),
    maxRetries,
    backoff,
    retryAfter: retryTimeOf(thrown),
  };
}

/** What the body wrote to streams is durable before the step ends, also when it fails: a retry appends to it. */
async function callBody(context: StepContext, body: () => unknown): Promise<unknown> {
  const { streams } = context;
  let value: unknown;
  try {
    value = await inStep(context, body);
  } catch (thrown) {
    await streams.settle()?.catch(() => {});
    throw thrown;
  }
  const settling = streams.settle();
  if (settling !== undefined) await settling;
  return value;
}

/**
 * An abort is fatal (contract 06 section 6.8): `FatalError.is` says so of it also in workflow code, and it keeps its name
 * and class.
 */
function marked(thrown: unknown): unknown {
  const isAbort = nameOf(thrown) === "AbortError" && !FatalError.is(thrown);
  if (isAbort) Reflect.defineProperty(thrown as object, "fatal", { value: true, enumerable: true, configurable: true });
  return thrown;
}

function isFatal(thrown: unknown): boolean {
  return FatalError.is(thrown) || nameOf(thrown) === "AbortError";
}

function retryTimeOf(thrown: unknown): number | undefined {
  if (nameOf(thrown) !== "RetryableError") return undefined;
  const { retryAfter } = thrown as { retryAfter?: unknown };
  return retryAfter instanceof Date && Number.isFinite(retryAfter.getTime()) ? retryAfter.getTime() : undefined;
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "name" in thrown ? thrown.name : undefined;
}
