import type MagicString from "magic-string";
import type { MethodDefinition } from "oxc-parser";
import { contains, isSame, rangeOf, type Range } from "./ast.ts";
import { slice, type Chunk } from "./draft.ts";
import type { DurableFunction, ModuleModel } from "./model.ts";
import { PURE } from "./purity.ts";
import { isMethod, openMethod, quote, stepProxy } from "./rewriting.ts";

/** Where a workflow ends up: at the top of the module under a name, or where it was. */
export function isHoisted({ kind, slot, local, exportName }: DurableFunction): boolean {
  if (slot.type === "declaration") return true;
  return kind === "workflow" && local === undefined && exportName !== "default";
}

/** A function of module level, at the top of it: other modules and statements may use it before its place in the source. */
export function hoisted(durable: DurableFunction, name: string, model: ModuleModel): Chunk[] {
  const { slot, kind, fn, exportName, local } = durable;
  const isNamedExport = slot.type === "declaration" && slot.statement.type === "ExportNamedDeclaration";
  const isOnlyExport = kind === "workflow" && slot.type !== "declaration";
  const head = `${isNamedExport || isOnlyExport ? "export " : ""}var ${name} = `;
  const isDefault = slot.type === "declaration" && slot.statement.type === "ExportDefaultDeclaration";
  const tail = isDefault ? `export { ${name} as default };\n` : "";
  if (kind === "step") return [`${head}${stepProxy(durable)};\n${tail}`];
  const isDeclared = slot.type === "declaration" && local !== undefined;
  const open = `${isDeclared ? "" : `const ${name} = `}${isMethod(durable) ? "async function " : ""}`;
  const body = slice(model.module, fn, (draft) => editFunctions(draft, fn, model, []));
  const made = !isNamedExport && !isDefault && !isOnlyExport && !model.exported.has(local ?? "");
  return [
    `${head}${PURE} (() => {\n${open}`,
    body,
    `${isDeclared ? "" : ";"}\n${attach(name, durable)}})();\n${tail}${made ? `export { ${name} as ${exportName} };\n` : ""}`,
  ];
}

function attach(name: string, { id }: DurableFunction): string {
  return `${name}.workflowId = ${quote(id)};\nreturn ${name};\n`;
}

/** Edits the functions of a range, except those in parts of it that are dropped. */
export function editFunctions(draft: MagicString, range: Range, model: ModuleModel, dropped: readonly Range[]): void {
  for (const statement of model.directiveStatements) {
    if (contains(range, statement) && !isIn(dropped, statement)) draft.remove(statement.start, statement.end);
  }
  const replaced = model.functions
    .filter((durable) => durable.kind === "step" || isHoisted(durable))
    .map(({ fn }) => fn);
  for (const durable of model.functions.toReversed()) {
    const { fn, kind } = durable;
    if (!contains(range, fn) || isSame(range, fn) || isIn(dropped, fn)) continue;
    if (
      replaced.some((outer) => outer !== fn && contains(range, outer) && !isSame(range, outer) && contains(outer, fn))
    )
      continue;
    if (kind === "step") replaceBy(draft, durable, stepProxy(durable));
    else if (isHoisted(durable)) replaceBy(draft, durable, durable.exportName);
    else attachInPlace(draft, durable, model);
  }
}

function replaceBy(draft: MagicString, { slot, fn, local }: DurableFunction, value: string): void {
  switch (slot.type) {
    case "declaration":
      return;
    case "inner-declaration": {
      const statement = `const ${local} = ${value};`;
      if (slot.block === undefined) draft.overwrite(fn.start, fn.end, statement);
      else {
        draft.overwrite(fn.start, fn.end, ";");
        draft.appendLeft(slot.block.start + 1, ` ${statement}`);
      }
      return;
    }
    case "method":
      openMethod(draft, slot.property, "");
      draft.overwrite(fn.start, fn.end, `: ${value}`);
      return;
    case "class-method":
      if (!slot.element.static) {
        const { start, end } = rangeOf(slot.element);
        draft.overwrite(
          start,
          end,
          `static { __workflow.method(this.prototype, ${keyOf(draft, slot.element)}, ${value}); }`,
        );
        return;
      }
      openMethod(draft, slot.element, "static ");
      draft.overwrite(fn.start, fn.end, ` = ${value};`);
      return;
    case "expression":
      draft.overwrite(fn.start, fn.end, value);
  }
}

/** The name of a method, as an expression. */
function keyOf({ original }: MagicString, { key, computed }: MethodDefinition): string {
  const text = original.slice(key.start, key.end);
  return computed || key.type === "Literal" ? text : quote(text);
}

function attachInPlace(draft: MagicString, durable: DurableFunction, { names }: ModuleModel): void {
  const name = durable.local ?? names.unique("__workflow_default");
  draft.prependRight(durable.fn.start, `${PURE} (() => {\nconst ${name} = `);
  draft.appendLeft(durable.fn.end, `;\n${attach(name, durable)}})()`);
}

function isIn(ranges: readonly Range[], node: Range): boolean {
  return ranges.some((range) => contains(range, node));
}
