import type MagicString from "magic-string";
import { contains, rangeOf, type ParsedModule, type Range } from "./ast.ts";
import { registration, type DurableClass } from "./classes.ts";
import type { Chunk } from "./draft.ts";
import { declarationOf } from "./exports.ts";
import type { ModuleModel } from "./model.ts";
import { PURE } from "./purity.ts";

/**
 * Registers the classes, each within an expression that a bundler drops when nobody uses the class. Decorated ones stay
 * as they are, because not every syntax of decorators can be moved, and so do those that share their name with a namespace.
 */
export function editClasses(draft: MagicString, model: ModuleModel, dropped: readonly Range[]): void {
  for (const durable of model.classes) {
    if (dropped.some((range) => contains(range, durable.node))) continue;
    draft.appendLeft(...registration(durable, "__workflow.class"));
    if (isWrappable(durable, model)) wrapClass(draft, durable, model.module);
  }
}

function isWrappable({ node, local }: DurableClass, { module }: ModuleModel): boolean {
  const isMerged = module.program.body.some((statement) => {
    const declaration = declarationOf(statement);
    return declaration.type === "TSModuleDeclaration" && "name" in declaration.id && declaration.id.name === local;
  });
  return node.decorators.length === 0 && !isMerged;
}

/** Puts a class of module level into an expression that says it may be dropped. It keeps its name. */
export function wrapClass(
  draft: MagicString,
  { node, local }: Pick<DurableClass, "node" | "local">,
  module: ParsedModule,
): void {
  const statement = module.parents.get(node);
  const { start, end } = rangeOf(node);
  if (local === undefined) {
    draft.prependRight(start, `${PURE} (() => (`);
    draft.appendLeft(end, "))();");
    return;
  }
  if (node.type === "ClassExpression") {
    draft.prependRight(start, `${PURE} (() => { const ${local} = `);
    draft.appendLeft(end, `; return ${local}; })()`);
    return;
  }
  const isDefault = statement?.type === "ExportDefaultDeclaration";
  if (isDefault) draft.remove(statement.start, node.start);
  draft.prependRight(start, `let ${local} = ${PURE} (() => {\n`);
  draft.appendLeft(end, `\nreturn ${local};\n})();${isDefault ? `\nexport { ${local} as default };` : ""}`);
}

/** So that the entry of a bundle can have them. */
export function exportClasses({ classes, exported }: ModuleModel): Chunk[] {
  return classes.flatMap(({ local, exportName }) => {
    const isKnown = exportName === undefined || local === undefined || exported.has(local);
    return isKnown ? [] : [`\nexport { ${local} as ${exportName} };\n`];
  });
}
