import { isMainThread } from "node:worker_threads";
import { startAppWorker } from "../api/app-worker.ts";
import { deploySources } from "./deploy-sources.ts";
import { installHooks } from "./hooks.ts";
import { createMainModule } from "./main-module.ts";
import { findProjectRoot } from "./project-root.ts";

if (isMainThread) {
  const main = createMainModule();
  const deployment = deploySources({ appLoaded: main.evaluated, onMain: main.seen });
  setImmediate(() => void startAppWorker());
  void main
    .evaluated()
    .then(() => deployment.buildLoaded())
    .catch(reportBuild);
} else {
  installHooks({ root: findProjectRoot(process.cwd()) });
}

/** `start()` will say it again; here it is said when the app comes up. */
function reportBuild(error: unknown): void {
  console.error(`workflow: ${error instanceof Error ? error.message : String(error)}`);
}
