import type { Node } from "oxc-parser";
import { enclosingFunction, type FunctionNode, type ParsedModule } from "./ast.ts";
import { bindingOf, capturesOf } from "./captures.ts";
import { findClasses, type DurableClass } from "./classes.ts";
import { report, type Report } from "./diagnostics.ts";
import { findDirectives } from "./directives.ts";
import { exportedNames } from "./exports.ts";
import { createNames, type Names } from "./names.ts";
import { findDynamicImports } from "./dynamic-imports.ts";
import { functionPath } from "./paths.ts";
import { capturesThis, isInInstanceProperty, placeFunction, readsThis, type Slot } from "./placement.ts";
import { analyseScopes, type Scopes } from "./scopes.ts";
import type { DirectiveKind } from "./spelling.ts";

/** A workflow or step function of the module. */
export interface DurableFunction {
  readonly kind: DirectiveKind;
  readonly fn: FunctionNode;
  readonly id: string;
  readonly path: string;
  readonly slot: Slot;
  /** The variable that always holds it. */
  readonly local: string | undefined;
  /** Stands inside another function, or makes the value of an instance's property. */
  readonly nested: boolean;
  /** Variables of the functions around it that a nested step reads. */
  readonly captures: readonly string[];
  readonly capturesThis: boolean;
  /** Uses what it is called on. */
  readonly readsThis: boolean;
  /** Of a workflow: what the realm output exports it as. */
  readonly exportName: string;
}

export interface ModuleModel {
  readonly module: ParsedModule;
  readonly scopes: Scopes;
  readonly names: Names;
  /** In source order. */
  readonly functions: readonly DurableFunction[];
  /** In source order. */
  readonly classes: readonly DurableClass[];
  readonly directiveStatements: readonly Node[];
  readonly exported: ReadonlyMap<string, readonly string[]>;
  readonly reports: readonly Report[];
}

export function modelOf(module: ParsedModule, moduleSpecifier: string): ModuleModel {
  const scopes = analyseScopes(module.program);
  const names = createNames(module);
  const exported = exportedNames(module);
  const { marked, statements, reports } = findDirectives(module);
  const functions: DurableFunction[] = [];
  const problems = [...reports];
  for (const { kind, fn } of marked) {
    const placed = placeFunction({ kind, fn }, module);
    if (placed.type === "refused") {
      problems.push(placed.report);
      continue;
    }
    const path = functionPath(fn, module.parents);
    const nested = enclosingFunction(fn, module.parents) !== undefined || isInInstanceProperty(fn, module);
    const local = bindingOf(fn, module)?.name;
    functions.push({
      kind,
      fn,
      path,
      id: `${kind}//${moduleSpecifier}//${path}`,
      slot: placed.slot,
      local,
      nested,
      captures: nested ? capturesOf(fn, module, scopes) : [],
      capturesThis: nested && capturesThis(fn),
      readsThis: readsThis(fn),
      exportName: kind === "workflow" ? exportNameOf(fn, local, path, { module, exported, names }) : "",
    });
  }
  const steps = functions.flatMap(({ kind, fn, slot }) =>
    kind === "step" && slot.type === "class-method" ? [fn] : [],
  );
  const classes = findClasses({ module, moduleSpecifier, exported, names, scopes, steps });
  problems.push(...findDuplicates(functions, module), ...findDynamicImports(functions));
  return {
    module,
    scopes,
    names,
    functions,
    classes,
    directiveStatements: statements,
    exported,
    reports: problems,
  };
}

function exportNameOf(
  fn: FunctionNode,
  local: string | undefined,
  path: string,
  { module, exported, names }: Pick<ModuleModel, "module" | "exported" | "names">,
): string {
  const known = local === undefined ? undefined : exported.get(local)?.[0];
  if (known !== undefined) return known;
  if (module.parents.get(fn)?.type === "ExportDefaultDeclaration") return "default";
  return names.unique(`__workflow_${path.replaceAll(/[^\w$]+/g, "_")}`);
}

function findDuplicates(functions: readonly DurableFunction[], module: ParsedModule): Report[] {
  const first = new Map<string, DurableFunction>();
  return functions.flatMap((durable) => {
    const earlier = first.get(durable.id);
    if (earlier === undefined) {
      first.set(durable.id, durable);
      return [];
    }
    const lines = [earlier, durable].map(({ fn }) => module.locate(fn.start).line);
    const message = `The functions on lines ${lines.join(" and ")} have the same id, ${durable.id}.`;
    return [report("duplicate-id", durable.fn, message, { fix: "Give one of the two another name." })];
  });
}
