import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { compile } from "../compiler/compile.ts";
import { registeredClasses, registeredSteps } from "../compiler/registration.ts";
import type { ModuleManifest } from "../compiler/types.ts";
import type { Deployment } from "../worker/deployment.ts";
import { WorkflowNotRegisteredError } from "../world/errors.ts";
import { createBundleCache } from "./bundle-cache.ts";
import { chooseSource } from "./choose-source.ts";
import { toBuildError } from "./diagnostics.ts";
import { definitionsOf, duplicateId, type Definition } from "./duplicate-id.ts";
import { filesWithSpecifier, specifierIn } from "./locate.ts";
import { moduleSpecifierOf } from "./module-specifier.ts";
import { mayBeCompiled } from "./source-files.ts";

export interface SourceDeployment extends Deployment {
  /**
   * Remembers what a module that was just loaded defines.
   * @throws `WorkflowBuildError` when another loaded module defines the same
   */
  add(file: string, manifest: ModuleManifest): void;
  /** Builds the bundles of the loaded modules, so that what is wrong with them is known before a run needs them. */
  buildLoaded(): Promise<void>;
}

export interface SourceDeploymentOptions {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  /** Resolves when modules may be imported that the app itself has not imported. */
  readonly appLoaded: () => Promise<void>;
  /** Default false: code that is edited under a running process stays as it was. */
  readonly followEdits?: boolean;
}

/** The project's source files as deployed code: bundles are built and step files found when they are asked for. */
export function createSourceDeployment({
  root,
  appLoaded,
  followEdits = false,
}: SourceDeploymentOptions): SourceDeployment {
  const loaded = new Map<string, Definition>();
  const workflowFiles = new Set<string>();
  const bundleOf = createBundleCache({ root, followEdits });
  return {
    add(file, manifest) {
      for (const definition of definitionsOf(file, manifest)) {
        const known = loaded.get(definition.id);
        if (known !== undefined && known.file !== file) throw toBuildError([duplicateId([known, definition])]);
        loaded.set(definition.id, definition);
      }
      if (manifest.workflows.length > 0) workflowFiles.add(file);
    },
    async buildLoaded() {
      const bundles = await Promise.all(Array.from(workflowFiles, bundleOf));
      const diagnostics = bundles.flatMap((bundle) => (bundle.status === "refused" ? bundle.diagnostics : []));
      if (diagnostics.length > 0) throw toBuildError(diagnostics);
    },
    async codeFor(workflowName) {
      const file = loaded.get(workflowName)?.file ?? findFile(workflowName, root);
      if (file === undefined) throw new WorkflowNotRegisteredError(workflowName);
      const bundle = await bundleOf(file);
      if (bundle.status === "refused") throw toBuildError(bundle.diagnostics);
      const isDefined = bundle.workflows.some(({ workflowId }) => workflowId === workflowName);
      if (!isDefined) throw new WorkflowNotRegisteredError(workflowName);
      return bundle.code;
    },
    async loadStep(stepName) {
      if (registeredSteps().has(stepName)) return;
      await appLoaded();
      const file = loaded.get(stepName)?.file ?? findFile(stepName, root);
      if (file !== undefined) await import(pathToFileURL(file).href);
    },
    async loadClass(classId) {
      try {
        await appLoaded();
        const file = registeredClasses().has(classId) ? undefined : findFile(classId, root);
        if (file !== undefined) await import(pathToFileURL(file).href);
      } catch {
        // The value that needs the class says that it is not there.
      }
    },
  };
}

/** @throws `WorkflowBuildError` when several files define it */
function findFile(id: string, root: string): string | undefined {
  const specifier = specifierIn(id);
  const files = specifier === undefined ? [] : filesWithSpecifier(specifier, root).filter(mayBeCompiled);
  const definitions = files.flatMap((file) => definitionsIn(file, root)).filter((definition) => definition.id === id);
  const choice = chooseSource(definitions.map(({ file }) => file));
  switch (choice.type) {
    case "none":
      return undefined;
    case "one":
      return choice.file;
    case "several":
      throw toBuildError([duplicateId(definitions.filter(({ file }) => choice.files.includes(file)))]);
  }
}

function definitionsIn(file: string, root: string): readonly Definition[] {
  const source = readFileSync(file, "utf8");
  const { manifest } = compile({
    source,
    file,
    moduleSpecifier: moduleSpecifierOf(file, root),
    mode: "realm",
  });
  const classes = manifest.classes.map(({ classId }) => ({ id: classId, file, line: 1 }));
  return [...definitionsOf(file, manifest), ...classes];
}
