import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { compile } from "../compiler/compile.ts";
import type { ModuleManifest } from "../compiler/types.ts";
import { definitionsOf, duplicateId, type Definition } from "../build/duplicate-id.ts";
import { errorsAmong, toBuildError } from "../build/diagnostics.ts";
import { withoutOutputs } from "../build/choose-source.ts";
import { moduleSpecifierOf } from "../build/module-specifier.ts";
import { mayBeCompiled } from "../build/source-files.ts";
import { dependenciesWithWorkflow } from "./libraries.ts";
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

/**
 * The durable modules of the project and of the packages that it depends on, if these use workflows themselves.
 * @throws `WorkflowBuildError`
 */
export function findModules({ root, dirs = ["."] }: FindOptions): readonly DurableModule[] {
  const folders = [...dirs.map((dir) => resolve(root, dir)), ...dependenciesWithWorkflow(root).map(({ dir }) => dir)];
  const modules = withoutOutputs(scan(folders).filter(mayBeCompiled)).flatMap((file): DurableModule[] => {
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
    if (isWorkflowCode && errors.length > 0) throw toBuildError(errors);
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
