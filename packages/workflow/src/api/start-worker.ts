import { inspect } from "node:util";
import { WorkflowError } from "../world/errors.ts";
import type { World } from "../world/world.ts";
import { registerWorker, unregisterWorker } from "../worker/registry.ts";
import { guardUnhandledRejections } from "../worker/unhandled-rejections.ts";
import type { RunEnd, WorkerCounts } from "../worker/parts.ts";
import { createWorker, type WorkerOptions } from "../worker/worker.ts";
import { announceEnd, reviveThrown } from "./lifecycle-hooks.ts";
import { hostHandles } from "./run.ts";
import { createRunSteps } from "./run-steps.ts";
import { getWorld } from "./world-access.ts";

export interface StartWorkerOptions extends WorkerOptions {
  /** Default: the World of this process. */
  readonly world?: World;
  /** Stop on SIGTERM and SIGINT, then let the signal have its usual effect. Default true. */
  readonly handleSignals?: boolean;
}

export interface WorkerHandle {
  readonly id: string;
  readonly counts: Readonly<WorkerCounts>;
  /** Lets running steps finish within the grace period, gives every run back, and closes nothing else. */
  stop(): Promise<void>;
}

/**
 * Starts executing runs in this process. It first takes over what a crash left behind. `workflow/register` calls
 * it unless `WORKFLOW_WORKER=off`.
 */
export async function startWorker(options: StartWorkerOptions = {}): Promise<WorkerHandle> {
  const { world: given, handleSignals = true, ...workerOptions } = options;
  const world = given ?? (await getWorld());
  const worker = await createWorker(
    {
      world,
      handles: hostHandles,
      engineSteps: createRunSteps(world),
      baseUrl: process.env["WORKFLOW_LOCAL_BASE_URL"] ?? `http://localhost:${process.env["PORT"] ?? "3000"}`,
      onLog: printLine,
      onProblem: printProblem,
      onRunEnded(runId, workflowName, end) {
        printFailure(runId, workflowName, end);
        announceEnd({ world, onProblem: printProblem }, runId, workflowName, end);
      },
    },
    { ...concurrencyFromEnv(), ...workerOptions },
  );
  registerWorker(world, worker);
  const unguard = guardUnhandledRejections(worker.owns, (promise, reason, runId) => {
    const whose = runId === undefined ? "workflow code" : `the workflow code of run ${runId}`;
    const what = worker.describe(promise, reason);
    console.error(`[workflow] A promise in ${whose} was rejected and nothing handled it; the run goes on: ${what}`);
  });
  const stop = async (): Promise<void> => {
    unregisterWorker(world);
    unlisten();
    await worker.stop();
    unguard();
  };
  const unlisten = handleSignals ? stopOnSignals(stop) : () => {};
  return { id: worker.id, counts: worker.counts, stop };
}

function printLine(_runId: string, level: string, text: string): void {
  const print = level === "error" || level === "warn" || level === "debug" || level === "info" ? level : "log";
  console[print](text);
}

const CAUSES_SHOWN = 20;

/** Nobody may be waiting for the run's result, so its error is printed, with all that caused it. */
function printFailure(runId: string, workflowName: string, { type, payload }: RunEnd): void {
  if (type === "run_completed" || payload === undefined) return;
  const thrown = reviveThrown(payload);
  // The console itself would show no cause of a cause of a cause.
  const shown = typeof thrown === "string" ? thrown : inspect(thrown, { depth: CAUSES_SHOWN });
  console.error(`[workflow] Run ${runId} (${workflowName}) failed:`, shown);
}

/** Errors of the engine say all there is to say in their message; of others the stack matters. */
function printProblem(message: string, cause: unknown): void {
  if (!(cause instanceof WorkflowError))
    console.error(`[workflow] ${message}`, ...(cause === undefined ? [] : [cause]));
  else console.error(`[workflow] ${message.includes(cause.message) ? message : `${message}: ${cause.message}`}`);
}

function concurrencyFromEnv(): WorkerOptions {
  const text = process.env["WORKFLOW_LOCAL_QUEUE_CONCURRENCY"];
  if (text === undefined) return {};
  const concurrency = Number(text);
  if (Number.isInteger(concurrency) && concurrency > 0) return { concurrency };
  console.warn(`[workflow] WORKFLOW_LOCAL_QUEUE_CONCURRENCY=${text} is not a positive whole number; using the default`);
  return {};
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

function stopOnSignals(stop: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    // An application with a handler of its own decides itself when to exit.
    const alone = process.listenerCount(signal) <= 1;
    void stop().finally(() => {
      if (alone) process.kill(process.pid, signal);
    });
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
