import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { compile } from "../compiler/compile.ts";
import { mayHaveDirective } from "../compiler/prefilter.ts";
import type { ModuleManifest } from "../compiler/types.ts";
import { definitionsOf, duplicateId, type Definition } from "../build/duplicate-id.ts";
import { errorsAmong, toBuildError } from "../build/diagnostics.ts";
import { withoutOutputs } from "../build/choose-source.ts";
import { moduleSpecifierOf } from "../build/module-specifier.ts";
import { mayBeCompiled } from "../build/source-files.ts";
import { dependenciesWithWorkflow, foldersOfLibrary, isOtherForm } from "./libraries.ts";
import { scan } from "./scan.ts";

/** A module with workflows, steps, or classes whose values can be stored. */
export interface DurableModule {
  /** Absolute. */
  readonly file: string;
  readonly manifest: ModuleManifest;
}

export interface FindOptions {
  /** The project; absolute, without symbolic links. */
  readonly root: string;
  /** Where to look, from the root. Default: everywhere in it. */
  readonly dirs?: readonly string[] | undefined;
}

/** The files that may have directives or classes whose values can be stored. */
export function filesOfInterest({ root, dirs = ["."] }: FindOptions): readonly string[] {
  const own = scan(dirs.map((dir) => resolve(root, dir)));
  const others = dependenciesWithWorkflow(root).flatMap((library) =>
    scan(foldersOfLibrary(library)).filter((file) => !isOtherForm(file, library)),
  );
  return [...new Set([...own, ...others])].filter(mayBeCompiled);
}

/**
 * The durable modules of the project and of the packages that it depends on, if these use workflows themselves.
 * @throws `WorkflowBuildError`
 */
export function findModules(options: FindOptions): readonly DurableModule[] {
  const { root } = options;
  const modules = withoutOutputs(filesOfInterest(options)).flatMap((file): DurableModule[] => {
    const source = readFileSync(file, "utf8");
    const { manifest, diagnostics } = compile({
      source,
      file,
      moduleSpecifier: moduleSpecifierOf(file, root),
      mode: "host",
    });
    const { workflows, steps } = manifest;
    const isWorkflowCode = workflows.length + steps.length > 0;
    const errors = errorsAmong(diagnostics);
    // Of a file that cannot be read it is not known what it defines; what only has classes is somebody else's matter.
    if (errors.length > 0 && mayHaveDirective(source)) throw toBuildError(errors);
    const classes = manifest.classes.filter(({ isSerializable }) => isSerializable);
    return isWorkflowCode || classes.length > 0 ? [{ file, manifest: { workflows, steps, classes } }] : [];
  });
  requireUniqueIds(modules);
  return modules;
}

function requireUniqueIds(modules: readonly DurableModule[]): void {
  const first = new Map<string, Definition>();
  for (const definition of modules.flatMap(({ file, manifest }) => definitionsOf(file, manifest))) {
    const known = first.get(definition.id);
    if (known !== undefined) throw toBuildError([duplicateId([known, definition])]);
    first.set(definition.id, definition);
  }
}
