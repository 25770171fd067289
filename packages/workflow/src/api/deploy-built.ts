import { registeredClasses, registeredSteps } from "../compiler/registration.ts";
import type { Manifest } from "../compiler/manifest.ts";
import { installDeployment } from "../worker/deployment.ts";
import { WorkflowNotRegisteredError } from "../world/errors.ts";
import type { StoredCode } from "../world/world.ts";
import { startAppWorker } from "./app-worker.ts";

/** What a build knows of the code that it has built. The bundler plugin writes it; apps do not. */
export interface BuiltCode {
  /** The hash of the realm bundle of each workflow, by workflow id. */
  readonly workflows: Readonly<Record<string, string>>;
  /** The realm bundles, by hash. */
  readonly bundles: Readonly<Record<string, () => Promise<{ readonly default: StoredCode }>>>;
  readonly modules: readonly BuiltModule[];
  readonly manifest: Manifest;
  /** Other bundles of the server have the modules too. Those that are loaded here count, so they are loaded at once. */
  readonly hasSecondCopies?: boolean;
}

/** A module with steps, or with classes whose values can be stored. */
export interface BuiltModule {
  /** Step and class ids that exist once it was imported. */
  readonly defines: readonly string[];
  load(): Promise<unknown>;
}

/** Makes what was built be the deployed code of this process, and starts its worker once the app's modules are there. */
export function deployBuilt({ workflows, bundles, modules, manifest, hasSecondCopies = false }: BuiltCode): void {
  const loaders = new Map(modules.flatMap(({ defines, load }) => defines.map((id) => [id, load] as const)));
  installDeployment({
    manifest,
    async codeFor(workflowName) {
      const bundle = bundles[workflows[workflowName] ?? ""];
      if (bundle === undefined) throw new WorkflowNotRegisteredError(workflowName);
      return (await bundle()).default;
    },
    async loadStep(stepName) {
      if (!registeredSteps().has(stepName)) await loaders.get(stepName)?.();
    },
    async loadClass(classId) {
      // The value that needs the class says that it is not there.
      if (!registeredClasses().has(classId))
        await loaders
          .get(classId)?.()
          .catch(() => undefined);
    },
  });
  // What is wrong with a module is said when a run needs it.
  if (hasSecondCopies) for (const { load } of modules) load().catch(() => undefined);
  setImmediate(() => void startAppWorker());
}
