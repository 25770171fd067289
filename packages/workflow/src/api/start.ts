import { type LiveStream, release, serializeOutgoing } from "../serialization/serialize-outgoing.ts";
import { LeaseLostError, WorkflowRuntimeError, WorkflowWorldError } from "../world/errors.ts";
import { newRunId } from "../world/ids.ts";
import { randomHex } from "../world/random.ts";
import type { Creation, NewRun, StoredCode, WithinTransaction, World } from "../world/world.ts";
import { storedWith } from "../streams/pump.ts";
import { currentDeployment } from "../worker/deployment.ts";
import { startArguments } from "../replay/start-arguments.ts";
import { invalidWorkflow, workflowIdOf } from "../replay/workflow-reference.ts";
import { forwardAborts } from "../worker/forward-aborts.ts";
import { type Minted, mintingInto } from "../worker/host-signals.ts";
import { workerFor } from "../worker/registry.ts";
import { inFlight } from "./in-flight.ts";
import { requireNoStreams } from "./no-streams.ts";
import { keyIn, txIn } from "./resume-options.ts";
import { Run } from "./run.ts";
import {
  startAttributes,
  type StartOptions,
  type StartOptionsWithDeploymentId,
  type StartOptionsWithoutDeploymentId,
  warnOfLatest,
} from "./start-options.ts";
import { getWorld } from "./world-access.ts";

export type WorkflowFunction<Args extends unknown[], Result> = (...args: Args) => Promise<Result>;

/** A workflow by its id, for callers that have not imported its function. */
export interface WorkflowReference {
  readonly workflowId: string;
}

/**
 * Starts a run (contract 02 section 2.1). Resolves once the run is durable; does not wait for it to execute. The
 * arguments are copied at the call.
 * @throws `WorkflowRuntimeError` `INVALID_WORKFLOW_FUNCTION` for a function without `"use workflow"`, or one that
 *   was not compiled; `SerializationError` for arguments that cannot be stored; `WorkflowNotRegisteredError`;
 *   `WorkflowBuildError`; `WorkflowError` `INVALID_ARGUMENT` for arguments that are no list and for options that cannot
 *   be used; `RunNotSupportedError`.
 *   Nothing is written then. With `tx`, also `WorkflowWorldError` when the transaction has failed, or is of another
 *   database.
 */
export function start<Args extends unknown[], Result>(
  workflow: WorkflowFunction<Args, Result> | WorkflowReference,
  args: Args,
  options?: StartOptionsWithoutDeploymentId,
): Promise<Run<Result>>;
export function start<Result>(
  workflow: WorkflowFunction<[], Result> | WorkflowReference,
  options?: StartOptionsWithoutDeploymentId,
): Promise<Run<Result>>;
export function start(
  workflow: WorkflowFunction<never, unknown> | WorkflowReference,
  args: readonly unknown[],
  options: StartOptionsWithDeploymentId,
): Promise<Run<unknown>>;
export function start(
  workflow: WorkflowFunction<never, unknown> | WorkflowReference,
  options: StartOptionsWithDeploymentId,
): Promise<Run<unknown>>;
export async function start<Result>(
  workflow: unknown,
  argsOrOptions: readonly unknown[] | StartOptions = [],
  maybeOptions: StartOptions = {},
): Promise<Run<Result>> {
  const [args, options] = startArguments(argsOrOptions, maybeOptions);
  const key = keyIn(options, "start");
  const within = txIn(options);
  const { run, code, streams, signals } = await prepare("start", workflow, args, startAttributes(options));
  requireNoStreams(streams, within, `start() of ${run.workflowName}`);
  const world = options.world ?? (await getWorld());
  warnOfLatest(world, options);
  const newRun = { ...run, ...key, createdAt: world.clock.now() };
  const creating = (): Promise<Creation> => storing(world, code, () => create(world, newRun, code, within));
  const creation = await storedWith(
    world,
    streams,
    () => inFlight(world, creating),
    ({ status }) => (status === "created" ? run.runId : undefined),
  );
  if (creation.status === "created") forwardAborts(world, signals, run.runId);
  const runId = creation.status === "exists" ? creation.runId : run.runId;
  return new Run(runId, () => Promise.resolve(world));
}

/** A run that is not created yet, and its code. */
export interface Prepared {
  readonly run: Omit<NewRun, "createdAt">;
  readonly code: StoredCode;
  /** Streams among the arguments. */
  readonly streams: readonly LiveStream[];
  /** Those among the arguments; their aborts are forwarded once the run is created. */
  readonly signals: readonly Minted[];
}

/** @throws What {@link start} throws before anything is written. */
export async function prepare(
  functionName: string,
  workflow: unknown,
  args: readonly unknown[],
  attributes: NewRun["attributes"],
): Promise<Prepared> {
  const workflowName = workflowIdOf(workflow);
  if (workflowName === undefined) throw invalidWorkflow(functionName, workflow);
  const runId = newRunId();
  const signals: Minted[] = [];
  const at = { what: "workflow arguments", of: workflowName } as const;
  const about = { runId, signals: mintingInto(signals) };
  const { payload: input, streams } = await serializeOutgoing(args, at, about);
  try {
    const deployment = currentDeployment();
    if (deployment === undefined) throw notDeployed(functionName, workflowName);
    const code = await deployment.codeFor(workflowName);
    const run = { runId, workflowName, codeHash: code.hash, input, attributes, seed: randomHex(16) };
    return { run, code, streams, signals };
  } catch (error) {
    release(streams);
    throw error;
  }
}

/** Calls `write` once the code is stored; again, if the code was collected since. */
export async function storing<T>(world: World, code: StoredCode, write: () => Promise<T>): Promise<T> {
  await storeOnce(world, code);
  try {
    return await write();
  } catch (error) {
    if (!isCodeGone(error)) throw error;
    // It was stored long ago and no run needed it since, so it was collected.
    stored.get(world)?.delete(code.hash);
    await storeOnce(world, code);
    return await write();
  }
}

/** Creates a run; a worker of this process that has room has it from then on, unless it may yet be rolled back. */
export async function create(
  world: World,
  run: NewRun,
  code: StoredCode,
  within: WithinTransaction,
): Promise<Creation> {
  if (within.tx !== undefined) return await world.createRun(run, undefined, within);
  const worker = workerFor(world);
  if (worker?.accepting === true) {
    try {
      return await worker.create(run, code);
    } catch (error) {
      // Others gave this process's worker up; whoever looks for work finds the run.
      if (!LeaseLostError.is(error)) throw error;
    }
  }
  return await world.createRun(run);
}

function isCodeGone(error: unknown): boolean {
  return WorkflowWorldError.is(error) && error.field === "codeHash";
}

function notDeployed(functionName: string, workflowName: string): WorkflowRuntimeError {
  return new WorkflowRuntimeError(
    `${functionName}() cannot find the code of ${workflowName}: this process was not started with \`node --import workflow/register\``,
    { code: "WORKFLOW_NOT_REGISTERED" },
  );
}

const stored = new WeakMap<World, Map<string, Promise<void>>>();

/** Runs of one deployment share their code, so it is written once per process. */
function storeOnce(world: World, code: StoredCode): Promise<void> {
  const known = stored.get(world) ?? new Map<string, Promise<void>>();
  stored.set(world, known);
  const pending = known.get(code.hash) ?? world.code.put(code);
  known.set(code.hash, pending);
  pending.catch(() => known.delete(code.hash));
  return pending;
}
