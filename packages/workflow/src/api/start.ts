import { serialize } from "../serialization/serialize.ts";
import { LeaseLostError, WorkflowRuntimeError, WorkflowWorldError } from "../world/errors.ts";
import { newRunId } from "../world/ids.ts";
import { randomHex } from "../world/random.ts";
import type { NewRun, StoredCode, World } from "../world/world.ts";
import { currentDeployment } from "../worker/deployment.ts";
import { workerFor } from "../worker/registry.ts";
import { inFlight } from "./in-flight.ts";
import { Run } from "./run.ts";
import { getWorld } from "./world-access.ts";

export interface StartOptions {
  /** The World that gets the run. Default: the World of this process. */
  readonly world?: World;
  /** Accepted for programs that name one; a World here has one deployment, whose code is used. */
  readonly deploymentId?: string;
}

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
 *   `WorkflowBuildError`. Nothing is written then.
 */
export function start<Args extends unknown[], Result>(
  workflow: WorkflowFunction<Args, Result> | WorkflowReference,
  args: Args,
  options?: StartOptions,
): Promise<Run<Result>>;
export function start<Result>(
  workflow: WorkflowFunction<[], Result> | WorkflowReference,
  options?: StartOptions,
): Promise<Run<Result>>;
export async function start<Result>(
  workflow: unknown,
  argsOrOptions: readonly unknown[] | StartOptions = [],
  maybeOptions: StartOptions = {},
): Promise<Run<Result>> {
  const workflowName = nameOf(workflow);
  const [args, options] = isArguments(argsOrOptions) ? [argsOrOptions, maybeOptions] : [[], argsOrOptions];
  const input = serialize(args, { what: "workflow arguments", of: workflowName });
  const deployment = currentDeployment();
  if (deployment === undefined) throw notDeployed(workflowName);
  const code = await deployment.codeFor(workflowName);
  const world = options.world ?? (await getWorld());
  const run: NewRun = {
    runId: newRunId(),
    workflowName,
    codeHash: code.hash,
    input,
    attributes: {},
    seed: randomHex(16),
    createdAt: world.clock.now(),
  };
  await inFlight(world, () => create(world, run, code));
  return new Run(run.runId, () => Promise.resolve(world));
}

async function create(world: World, run: NewRun, code: StoredCode): Promise<void> {
  await storeOnce(world, code);
  try {
    await createStored(world, run, code);
  } catch (error) {
    if (!isCodeGone(error)) throw error;
    // It was stored long ago and no run needed it since, so it was collected.
    stored.get(world)?.delete(code.hash);
    await storeOnce(world, code);
    await createStored(world, run, code);
  }
}

async function createStored(world: World, run: NewRun, code: StoredCode): Promise<void> {
  const worker = workerFor(world);
  if (worker?.accepting === true) {
    try {
      return await worker.create(run, code);
    } catch (error) {
      // Others gave this process's worker up; whoever looks for work finds the run.
      if (!LeaseLostError.is(error)) throw error;
    }
  }
  await world.createRun(run);
}

function isCodeGone(error: unknown): boolean {
  return WorkflowWorldError.is(error) && error.field === "codeHash";
}

function isArguments(value: readonly unknown[] | StartOptions): value is readonly unknown[] {
  return Array.isArray(value);
}

function nameOf(workflow: unknown): string {
  const isCandidate = typeof workflow === "function" || (typeof workflow === "object" && workflow !== null);
  const id: unknown = isCandidate ? Reflect.get(workflow, "workflowId") : undefined;
  if (typeof id === "string" && id !== "") return id;
  const what = typeof workflow === "function" ? `the function ${workflow.name || "(anonymous)"}` : String(workflow);
  throw new WorkflowRuntimeError(
    `start() received an invalid workflow function: ${what} has no workflowId. Put "use workflow" first in its body, ` +
      "pass it itself and not a wrapper, and run the app with `node --import workflow/register`",
    { code: "INVALID_WORKFLOW_FUNCTION" },
  );
}

function notDeployed(workflowName: string): WorkflowRuntimeError {
  return new WorkflowRuntimeError(
    `start() cannot find the code of ${workflowName}: this process was not started with \`node --import workflow/register\``,
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
