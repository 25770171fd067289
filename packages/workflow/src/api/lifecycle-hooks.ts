import { AsyncLocalStorage } from "node:async_hooks";
import { deserialize } from "../serialization/serialize.ts";
import { WorkflowError, WorkflowRunFailedError } from "../world/errors.ts";
import type { Payload } from "../world/events.ts";
import { processWide } from "../world/process-wide.ts";
import type { RunEnd, RunLoopParts } from "../worker/parts.ts";
import { hostHandles, Run } from "./run.ts";

/** What {@link registerLifecycleHooks} takes. What a handler returns is not waited for by anything. */
export interface WorkflowLifecycleHooks {
  onRunCompleted?(params: RunCompletedHookParams): void | Promise<void>;
  onRunFailed?(params: RunFailedHookParams): void | Promise<void>;
}

export interface RunCompletedHookParams {
  readonly workflowName: string;
  /** `run.runId` is at hand; everything else of it is read when asked for. */
  readonly run: Run;
}

export interface RunFailedHookParams extends RunCompletedHookParams {
  /** As `run.returnValue` rejects; `cause` is what the run threw. */
  readonly error: WorkflowRunFailedError;
}

interface Registration {
  readonly hooks: WorkflowLifecycleHooks;
  /** Handlers belong to whoever registered them, and not to the run, step or request that the end came from. */
  readonly inContext: <T>(call: () => T) => T;
}

const slot = processWide<Set<Registration>>("workflow.lifecycleHooks");

/** Handlers are called in the order of registration. */
function registrations(): Set<Registration> {
  return slot.get() ?? slot.set(new Set<Registration>());
}

/**
 * Calls `hooks` for every run that completes or fails by the worker of this process, once its end is durable (contract
 * 02 section 2.7). Not for runs that are cancelled, or end in other processes. Each end is told at most once: a process
 * that dies in that moment does not make up for it, so what must happen belongs in a step. What handlers throw is
 * printed, and disturbs nobody. Returns what ends the registration.
 * @throws `WorkflowError` `INVALID_ARGUMENT` for a handler that is not a function.
 */
export function registerLifecycleHooks(hooks: WorkflowLifecycleHooks): () => void {
  for (const name of ["onRunCompleted", "onRunFailed"] as const) {
    const handler: unknown = hooks[name];
    if (handler === undefined || typeof handler === "function") continue;
    throw new WorkflowError("INVALID_ARGUMENT", `registerLifecycleHooks() takes a function as ${name}`);
  }
  const registration: Registration = { hooks, inContext: AsyncLocalStorage.snapshot() };
  registrations().add(registration);
  return () => void registrations().delete(registration);
}

/** The worker that ended a run. */
type Ender = Pick<RunLoopParts, "world" | "onProblem">;

/** Tells the handlers of this process about a run that its worker has ended. Returns at once, never throws. */
export function announceEnd(ender: Ender, runId: string, workflowName: string, end: RunEnd): void {
  if (registrations().size > 0) queueMicrotask(() => tellAll(ender, runId, workflowName, end));
}

function tellAll({ world, onProblem }: Ender, runId: string, workflowName: string, end: RunEnd): void {
  const params = { workflowName, run: new Run(runId, () => Promise.resolve(world)) };
  const error = end.type === "run_failed" ? failureOf(runId, end) : undefined;
  for (const registration of Array.from(registrations())) {
    // An earlier handler may have ended it.
    if (!registrations().has(registration)) continue;
    const told = tell(registration, (hooks) =>
      error === undefined ? hooks.onRunCompleted?.(params) : hooks.onRunFailed?.({ ...params, error }),
    );
    told.catch((reason: unknown) => onProblem(`A lifecycle hook failed, told of the end of run ${runId}`, reason));
  }
}

/** A handler has begun when this returns, so that all begin in order and none waits for another. */
async function tell(
  { hooks, inContext }: Registration,
  call: (hooks: WorkflowLifecycleHooks) => void | Promise<void>,
): Promise<void> {
  await inContext(() => call(hooks));
}

function failureOf(runId: string, { data, payload }: RunEnd & { readonly type: "run_failed" }): WorkflowRunFailedError {
  return new WorkflowRunFailedError(runId, payload === undefined ? undefined : reviveThrown(payload), data);
}

/** What a run threw; where that cannot be read, an error that says so. */
export function reviveThrown(thrown: Payload): unknown {
  try {
    return deserialize(thrown, hostHandles);
  } catch (error) {
    return new Error(`What the run threw cannot be read here: ${(error as Error).message}`, { cause: error });
  }
}
