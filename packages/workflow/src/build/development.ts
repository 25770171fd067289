import { startAppWorker } from "../api/app-worker.ts";
import type { BuiltModule } from "../api/deploy-built.ts";
import { registeredClasses, registeredSteps } from "../compiler/registration.ts";
import { installDeployment } from "../worker/deployment.ts";
import { createSourceDeployment } from "./source-deployment.ts";

/** What the bundler plugin knows of the project while somebody works on it. */
export interface SourceCode {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  /** Of the development server, when its thread is another one. The addresses of webhooks begin with it. */
  readonly port?: number | undefined;
  readonly modules: readonly BuiltModule[];
  /** Has the bundler load anew what was edited, where it does so on request only. May fail: it says so itself. */
  readonly reload?: () => Promise<unknown>;
}

/**
 * Makes the files of the project, as they are at any time, be the deployed code of this process: a run that starts gets
 * the workflow as it is now, and keeps it. To be called again when there are other modules.
 */
export function deployInDevelopment({ root, port, modules, reload }: SourceCode): void {
  if (port !== undefined) process.env["PORT"] ??= String(port);
  const loaders = new Map(modules.flatMap(({ defines, load }) => defines.map((id) => [id, load] as const)));
  const sources = createSourceDeployment({ root, appLoaded: () => Promise.resolve(), followEdits: true });
  const catchUp = reload && catchingUp(reload);
  installDeployment({
    codeFor: sources.codeFor,
    async loadStep(stepName) {
      if (!registeredSteps().has(stepName)) await (loaders.get(stepName) ?? catchUp)?.();
    },
    async loadClass(classId) {
      const load = loaders.get(classId) ?? (registeredClasses().has(classId) ? undefined : catchUp);
      await load?.().catch(() => undefined);
    },
    ...(catchUp && { catchUp }),
  });
  // What is wrong with a module is said when something asks for it.
  for (const { load } of modules) load().catch(() => undefined);
  void catchUp?.();
  setImmediate(() => void startAppWorker());
}

/** One reload at a time: who asks while there is one waits for that and the next, which all of them share. */
function catchingUp(reload: () => Promise<unknown>): () => Promise<void> {
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      running = Promise.allSettled([reload()]).then(() => undefined);
      return running;
    });
    return next;
  };
}
