import type { Node } from "oxc-parser";
import { contains, hasAwait, rangeOf } from "./ast.ts";
import { report, type Report } from "./diagnostics.ts";
import { declarationOf, declaredNames } from "./exports.ts";
import { filledBy, type ReferenceAt } from "./fills.ts";
import type { ModuleModel } from "./model.ts";
import { namesIn } from "./patterns.ts";

/** The parts of a module that stay in its realm code. */
export interface Reachable {
  /** Import specifiers, declarators, declarations, other statements. */
  readonly kept: ReadonlySet<Node>;
  /** Exported, awaiting something, and out of reach of this module's workflows: kept in name only. */
  readonly unavailable: ReadonlySet<Node>;
  readonly reports: readonly Report[];
}

/** A part of the module that is kept or dropped as a whole. */
interface Unit {
  readonly node: Node;
  readonly declares: readonly string[];
  /** Module-level names that evaluating it, or calling what it declares, may read. */
  readonly reads: readonly string[];
  /** Of statements that declare nothing: the names that they fill. */
  readonly fills: ReadonlySet<string>;
  readonly awaits: boolean;
}

export function reachableIn(model: ModuleModel): Reachable {
  const units = unitsOf(model);
  const steps = new Set(
    model.functions.flatMap(({ kind, local }) => (kind === "step" && local !== undefined ? [local] : [])),
  );
  const fromWorkflows = spread(units, steps, new Set(), workflowReads(model), () => true);
  const blocked = (unit: Unit): boolean => unit.awaits && !fromWorkflows.has(unit);
  const all = spread(units, steps, fromWorkflows, exportReads(model), (unit) => !blocked(unit));
  const unavailable = [...all].filter((unit) => blocked(unit) && unit.declares.length > 0);
  return {
    kept: new Set([...all].map(({ node }) => node)),
    unavailable: new Set(unavailable.map(({ node }) => node)),
    reports: [...fromWorkflows].filter(({ awaits }) => awaits).map(({ node }) => awaitsAtTopLevel(node)),
  };
}

/** Everything that the names lead to. A unit that is not `open` is kept but leads nowhere, and fills nothing. */
function spread(
  units: readonly Unit[],
  steps: ReadonlySet<string>,
  start: ReadonlySet<Unit>,
  names: readonly string[],
  open: (unit: Unit) => boolean,
): Set<Unit> {
  const reached = new Set(start);
  const wanted = new Set([...names, ...[...start].flatMap(({ declares, reads }) => [...declares, ...reads])]);
  for (let before = -1; before !== reached.size;) {
    before = reached.size;
    for (const unit of units) {
      if (reached.has(unit)) continue;
      const fills = open(unit) && [...unit.fills].some((name) => wanted.has(name) && !steps.has(name));
      if (!fills && !unit.declares.some((name) => wanted.has(name))) continue;
      reached.add(unit);
      for (const name of open(unit) ? [...unit.reads, ...unit.declares] : unit.declares) wanted.add(name);
    }
  }
  return reached;
}

function unitsOf(model: ModuleModel): Unit[] {
  const at: ReferenceAt = new Map(model.scopes.references.map((reference) => [reference.start, reference]));
  const unit = (node: Node, declares: readonly string[], awaits: boolean = hasAwait(node)): Unit => {
    const fills = declares.length === 0 ? filledBy(node, at, model.scopes.module) : new Set<string>();
    return { node, declares, fills, reads: readsOf(node, model), awaits };
  };
  return model.module.program.body.flatMap((statement) => {
    if (statement.type === "ImportDeclaration") {
      return statement.specifiers.map((specifier) => unit(specifier, [specifier.local.name]));
    }
    const declaration = declarationOf(statement);
    if (declaration.type === "VariableDeclaration") {
      return declaration.declarations.map((declarator) => {
        return unit(declarator, namesIn(declarator.id), declaration.kind === "await using" || hasAwait(declarator));
      });
    }
    if (declaration.type === "TSImportEqualsDeclaration") return [unit(declaration, [declaration.id.name])];
    const names = declaredNames(declaration);
    if (names.length > 0) return [unit(declaration, names)];
    return statement.type.startsWith("Export") ? [] : [unit(statement, [])];
  });
}

/** What steps read does not count: their bodies are not in the realm. */
function readsOf(node: Node, { scopes, functions }: ModuleModel): string[] {
  const range = rangeOf(node);
  const steps = functions.filter(({ kind, fn }) => kind === "step" && contains(node, fn));
  return scopes.references.flatMap((reference) => {
    if (reference.binding?.scope !== scopes.module || !contains(range, reference)) return [];
    return steps.some(({ fn }) => contains(fn, reference)) ? [] : [reference.name];
  });
}

function workflowReads(model: ModuleModel): string[] {
  return model.functions.flatMap((durable) => {
    if (durable.kind !== "workflow") return [];
    return [...readsOf(durable.fn, model), ...(durable.local === undefined ? [] : [durable.local])];
  });
}

function exportReads(model: ModuleModel): string[] {
  const anonymous = model.module.program.body.flatMap((statement) => {
    const isExpression =
      statement.type === "ExportDefaultDeclaration" && declaredNames(statement.declaration).length === 0;
    return isExpression && !hasAwait(statement.declaration) ? readsOf(statement, model) : [];
  });
  const classes = model.classes.flatMap(({ local, exportName }) => (exportName === undefined ? [] : (local ?? [])));
  return [...model.exported.keys(), ...anonymous, ...classes];
}

function awaitsAtTopLevel(node: Node): Report {
  return report("top-level-await-in-workflow", node, "A workflow uses a module-level value that is awaited.", {
    fix: "Await it in a step, or in the workflow, or move the value to a module that no workflow uses.",
  });
}
