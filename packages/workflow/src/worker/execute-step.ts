import { isEngineStep } from "../replay/engine-steps.ts";
import { type LiveStream, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { deserialize, type Handles, serializeThrown } from "../serialization/serialize.ts";
import type { Step } from "../world/entities.ts";
import { FatalError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { mayPass } from "./patience.ts";
import { DEFAULT_MAX_RETRIES } from "./retry.ts";
import { inStep, type StepContext } from "./step-context.ts";
import { type EngineSteps, stepFunction } from "./step-functions.ts";

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
      readonly retryAfter: number | undefined;
    }
);

interface StepInput {
  readonly args: unknown[];
  readonly closureVars?: Record<string, unknown>;
}

/** Runs one attempt of a step body, which is registered. Never rejects. */
export async function executeStep(
  step: Step,
  context: StepContext,
  handles: Handles,
  engineSteps: EngineSteps,
): Promise<StepOutcome> {
  const { stepId, attempt, stepName } = step;
  const isOwn = isEngineStep(stepName);
  let maxRetries = isOwn ? Infinity : (step.settings?.maxRetries ?? DEFAULT_MAX_RETRIES);
  try {
    const input = inStep(context, () => deserialize(step.input ?? "", handles) as StepInput);
    const body = stepFunction(stepName, input.closureVars, engineSteps);
    maxRetries = body.maxRetries ?? maxRetries;
    const value = await callBody(context, () => body(...input.args));
    const at = { what: "step return value", of: stepName } as const;
    const { payload, streams } = await serializeOutgoing(value, at, context.workflow.workflowRunId);
    return { stepId, attempt, kind: "completed", result: payload, streams };
  } catch (thrown) {
    return {
      stepId,
      attempt,
      kind: "failed",
      error: serializeThrown(thrown, { what: "thrown value", of: stepName }),
      fatal: isOwn ? !mayPass(thrown) : isFatal(thrown),
      maxRetries,
      retryAfter: retryTimeOf(thrown),
    };
  }
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
