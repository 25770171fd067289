import { processWide } from "../world/process-wide.ts";

const started = processWide<boolean>("workflow.appWorker");

/**
 * Starts the worker of an app, once per process, unless `WORKFLOW_WORKER=off`. Never rejects: a process without a worker
 * can still start and resume runs, so it goes on.
 */
export async function startAppWorker(): Promise<void> {
  if (process.env["WORKFLOW_WORKER"] === "off" || started.get() === true) return;
  started.set(true);
  try {
    const worker = await import("./start-worker.ts");
    await worker.startWorker();
  } catch (error) {
    console.error("workflow: the worker did not start; this process does not execute runs.", error);
  }
}
