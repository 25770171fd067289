import { processWide } from "../world/process-wide.ts";
import type { WorkerHandle } from "./start-worker.ts";

const running = processWide<Promise<WorkerHandle | undefined>>("workflow.appWorker");

/**
 * Starts the worker of an app, once per process, unless `WORKFLOW_WORKER=off`. Never rejects: a process without a worker
 * can still start and resume runs, so it goes on.
 */
export async function startAppWorker(): Promise<void> {
  if (process.env["WORKFLOW_WORKER"] === "off") return;
  await (running.get() ?? running.set(start()));
}

/** Stops it: steps that are running have its grace period. It can be started again. */
export async function stopAppWorker(): Promise<void> {
  const worker = running.get();
  running.set(undefined);
  await (await worker)?.stop();
}

async function start(): Promise<WorkerHandle | undefined> {
  try {
    const worker = await import("./start-worker.ts");
    return await worker.startWorker();
  } catch (error) {
    console.error("workflow: the worker did not start; this process does not execute runs.", error);
    return undefined;
  }
}
