import { isEngineStep } from "../replay/engine-steps.ts";
import { type Departing, type LiveStream, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { deserialize, serializeThrown } from "../serialization/serialize.ts";
import type { Step } from "../world/entities.ts";
import { cancelFlow } from "../streams/pump.ts";
import { FatalError, LeaseLostError, WorkflowWorldError } from "../world/errors.ts";
import type { Backoff, Payload } from "../world/events.ts";
import { StepOutcomeUnknownError } from "../world/step-errors.ts";
import { currentDeployment } from "./deployment.ts";
import { loadClasses } from "./load-classes.ts";
import { mayPass } from "./patience.ts";
import { inStep } from "./step-context.ts";
import { type EngineSteps, isTransactional, stepFunction } from "./step-functions.ts";
import { type JudgedPolicy, judgePolicy } from "./step-policy.ts";
import type { StepSurroundings } from "./step-surroundings.ts";

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

/** The attempt has left nothing to record here: its result is in the run's inbox, or the run is somebody else's. */
export interface Elsewhere {
  readonly kind: "elsewhere";
  /** Whether this process has put the result there. */
  readonly isRecorded: boolean;
}

/** A body that was begun. Neither promise rejects. */
export interface Execution {
  /** What the attempt comes to: when its body ends, or before that when its time is over. */
  readonly outcome: Promise<StepOutcome | Elsewhere>;
  /** Resolves when the body has ended, with what it came to. */
  readonly ended: Promise<StepOutcome | Elsewhere>;
}

interface StepInput {
  readonly args: unknown[];
  readonly closureVars?: Record<string, unknown>;
  /** What the step was called on, where its body uses it. */
  readonly thisVal?: unknown;
}

/** Runs one attempt of a step body, which is registered. */
export function executeStep(about: StepSurroundings, engineSteps: EngineSteps): Execution {
  const { promise: outcome, resolve: tell } = Promise.withResolvers<StepOutcome | Elsewhere>();
  return { outcome, ended: run(about, engineSteps, tell) };
}

/** @param tell is called with what the attempt comes to, and maybe again when the body ends after that. */
async function run(
  about: StepSurroundings,
  engineSteps: EngineSteps,
  tell: (outcome: StepOutcome | Elsewhere) => void,
): Promise<StepOutcome | Elsewhere> {
  const { attempt } = about;
  const { step } = attempt;
  let judged: JudgedPolicy | undefined;
  const begin = (given: readonly unknown[]): unknown => {
    const input = deserialize(step.input ?? "", about.handlesFor(step.input ?? "")) as StepInput;
    const body = stepFunction(step.stepName, input.closureVars, engineSteps);
    judged = judgePolicy(step, body);
    if (judged.status === "invalid") throw judged.error;
    const { isOnce, timeout } = judged.policy;
    if (isOnce && step.attempt > 1) throw new StepOutcomeUnknownError(step);
    const call = (): unknown => {
      if (timeout !== undefined) attempt.limit(timeout, (error) => tell(failed(step, error, judged)));
      return body.apply(input.thisVal, [...given, ...input.args]);
    };
    const ready = about.ready();
    return ready === undefined ? call() : ready.then(call);
  };
  const work: Work = async (...given) => {
    const value = await settled(about, () => begin(given));
    return await serializeOutgoing(value, { what: "step return value", of: step.stepName }, about.leaving());
  };
  let outcome: StepOutcome | Elsewhere;
  try {
    const deployment = currentDeployment();
    if (deployment?.catchUp !== undefined) await deployment.catchUp();
    await loadClasses(step.input);
    if (isTransactional(step.stepName)) outcome = await transacted(about, work);
    else {
      const { payload: result, streams } = await work();
      outcome = { stepId: step.stepId, attempt: step.attempt, kind: "completed", result, streams };
    }
  } catch (thrown) {
    outcome = failed(step, thrown, judged);
  }
  attempt.end();
  const over = about.over();
  if (over !== undefined) await over;
  tell(outcome);
  return outcome;
}

/** Has the body work, with what it is given before its arguments. */
type Work = (...given: readonly unknown[]) => Promise<Departing>;

/** The result is in the inbox together with what the body wrote through its client, or neither is anywhere. */
async function transacted(about: StepSurroundings, work: Work): Promise<Elsewhere> {
  const { attempt, world } = about;
  const { stepId } = attempt.step;
  let streams: readonly LiveStream[] = [];
  let failure: unknown;
  try {
    await about.transact(async (client) => {
      const { payload, ...rest } = await work(client).catch((thrown: unknown) => {
        failure = thrown;
        throw thrown;
      });
      streams = rest.streams;
      attempt.settle();
      return { type: "step_completed", correlationId: stepId, data: {}, payload, at: world.clock.now() };
    });
  } catch (error) {
    cancelFlow(streams, `The transaction of step ${stepId} was rolled back`);
    // Whoever has the run now attempts the step again; a World that fails costs no attempt that counts.
    if (error !== failure && (LeaseLostError.is(error) || isOutage(error)))
      return { kind: "elsewhere", isRecorded: false };
    throw error;
  }
  about.flow(streams);
  return { kind: "elsewhere", isRecorded: true };
}

function failed(step: Step, thrown: unknown, judged: JudgedPolicy = judgePolicy(step, undefined)): StepOutcome {
  const { stepId, attempt, stepName } = step;
  const { maxRetries, backoff } = judged.policy;
  return {
    stepId,
    attempt,
    kind: "failed",
    error: serializeThrown(marked(thrown), { what: "thrown value", of: stepName }),
    fatal: isEngineStep(stepName) ? !mayPass(thrown) : isFatal(thrown),
    maxRetries: judged.status === "invalid" ? 0 : maxRetries,
    backoff,
    retryAfter: retryTimeOf(thrown),
  };
}

/** What the body comes to. What it wrote to streams is durable then, also when it fails: a retry appends to it. */
async function settled(about: StepSurroundings, begin: () => unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await inStep(about, begin);
  } catch (thrown) {
    await about.settle()?.catch(() => {});
    throw thrown;
  }
  const settling = about.settle();
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
  return FatalError.is(thrown) || nameOf(thrown) === "AbortError" || hasNoTransactions(thrown);
}

function isOutage(thrown: unknown): boolean {
  return WorkflowWorldError.is(thrown) && thrown.code === "WORLD_FAILED";
}

/** The World has none, and another attempt changes nothing about it. */
function hasNoTransactions(thrown: unknown): boolean {
  return WorkflowWorldError.is(thrown) && thrown.field === "tx";
}

function retryTimeOf(thrown: unknown): number | undefined {
  if (nameOf(thrown) !== "RetryableError") return undefined;
  const { retryAfter } = thrown as { retryAfter?: unknown };
  return retryAfter instanceof Date && Number.isFinite(retryAfter.getTime()) ? retryAfter.getTime() : undefined;
}

function nameOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "name" in thrown ? thrown.name : undefined;
}
