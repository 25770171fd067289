import { isMainThread } from "node:worker_threads";
import { deploySources } from "./deploy-sources.ts";
import { installHooks } from "./hooks.ts";
import { createMainModule } from "./main-module.ts";
import { findProjectRoot } from "./project-root.ts";

if (isMainThread) {
  const main = createMainModule();
  const deployment = deploySources({ appLoaded: main.evaluated, onMain: main.seen });
  setImmediate(() => void startWorker());
  void main
    .evaluated()
    .then(() => deployment.buildLoaded())
    .catch(reportBuild);
} else {
  installHooks({ root: findProjectRoot(process.cwd()) });
}

/** A process without a worker can still start and resume runs, so it goes on. */
async function startWorker(): Promise<void> {
  if (process.env["WORKFLOW_WORKER"] === "off") return;
  try {
    const worker = await import("../api/start-worker.ts");
    await worker.startWorker();
  } catch (error) {
    console.error("workflow: the worker did not start; this process does not execute runs.", error);
  }
}

/** `start()` will say it again; here it is said when the app comes up. */
function reportBuild(error: unknown): void {
  console.error(`workflow: ${error instanceof Error ? error.message : String(error)}`);
}
