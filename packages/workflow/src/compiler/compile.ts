import { parseModule } from "./ast.ts";
import { toDiagnostics } from "./diagnostics.ts";
import { join, type Chunk } from "./draft.ts";
import { hostChunks } from "./host.ts";
import { modelOf, type ModuleModel } from "./model.ts";
import { reachableIn } from "./reachability.ts";
import { realmChunks, realmClassChunks } from "./realm.ts";
import type { Compiled, CompileInput, Diagnostic, ModuleManifest } from "./types.ts";

const NOTHING: ModuleManifest = { workflows: [], steps: [], classes: [] };

/**
 * Makes host or realm code of one module. Never throws for what is in the source: problems are in `diagnostics`,
 * and then `code` is the source. A module without directives and without classes that can be stored is returned as it is.
 */
export function compile(input: CompileInput): Compiled {
  const parsed = parseModule(input.source, input.file);
  if (parsed.status === "refused") return unchanged(input, NOTHING, parsed.diagnostics);
  const { module } = parsed;
  const model = modelOf(module, input.moduleSpecifier);
  const manifest = manifestOf(model);
  if (model.functions.length === 0 && model.reports.length === 0) return compileClasses(input, model, manifest);
  const reachable = reachableIn(model);
  const diagnostics = toDiagnostics(module, [...model.reports, ...reachable.reports]);
  if (diagnostics.length > 0) return unchanged(input, manifest, diagnostics);
  const chunks = input.mode === "host" ? hostChunks(model, input.isSecondCopy) : realmChunks(model, reachable);
  return { ...join(module, chunks), manifest, diagnostics };
}

/**
 * What else a module without directives does is its own business, in the realm too. But one with classes that can be stored
 * may be in the realm only for them, so there it is left with what its exports need.
 */
function compileClasses(input: CompileInput, model: ModuleModel, manifest: ModuleManifest): Compiled {
  if (model.classes.length === 0) return unchanged(input, manifest, []);
  const chunks = input.mode === "host" ? hostChunks(model) : realmChunksOf(model);
  return { ...join(model.module, chunks), manifest, diagnostics: [] };
}

function realmChunksOf(model: ModuleModel): Chunk[] {
  const hasStorable = model.classes.some(({ isSerializable }) => isSerializable);
  return hasStorable ? realmChunks(model, reachableIn(model)) : realmClassChunks(model);
}

function unchanged(
  { source, file }: CompileInput,
  manifest: ModuleManifest,
  diagnostics: readonly Diagnostic[],
): Compiled {
  const map = {
    version: 3,
    sources: [file],
    sourcesContent: [source],
    names: [],
    mappings: identityMappings(source),
  };
  return { code: source, map: JSON.stringify(map), manifest, diagnostics };
}

/** Every line maps to itself. */
function identityMappings(source: string): string {
  return source
    .split("\n")
    .map((_, line) => (line === 0 ? "AAAA" : "AACA"))
    .join(";");
}

function manifestOf({ functions, classes, module }: ModuleModel): ModuleManifest {
  const lineOf = (start: number): number => module.locate(start).line;
  return {
    workflows: functions
      .filter(({ kind }) => kind === "workflow")
      .map(({ id, exportName, fn }) => ({ workflowId: id, exportName, line: lineOf(fn.start) })),
    steps: functions
      .filter(({ kind }) => kind === "step")
      .map(({ id, fn }) => ({ stepId: id, line: lineOf(fn.start) })),
    classes: classes.flatMap(({ id, exportName, isSerializable, parent }) => {
      if (exportName === undefined) return [];
      return [{ classId: id, exportName, isSerializable, ...(parent !== undefined && { parent }) }];
    }),
  };
}
