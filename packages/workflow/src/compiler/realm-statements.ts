import type MagicString from "magic-string";
import type { Class, ImportDeclaration, Node, Statement, VariableDeclaration, VariableDeclarator } from "oxc-parser";
import { hasAwait, withoutTypes, type Range } from "./ast.ts";
import { declarationOf } from "./exports.ts";
import type { ReferenceAt } from "./fills.ts";
import type { ModuleModel } from "./model.ts";
import { isPlain, isPlainClass, PURE } from "./purity.ts";
import { wrapClass } from "./realm-classes.ts";
import type { Reachable } from "./reachability.ts";
import { quote } from "./rewriting.ts";
import { namesIn } from "./patterns.ts";

interface Context {
  readonly reachable: Reachable;
  readonly references: ReferenceAt;
}

interface Edit extends Context {
  readonly draft: MagicString;
  readonly model: ModuleModel;
  readonly dropped: Range[];
}

/**
 * Drops the module-level code that no workflow can reach and no other module can import, and makes the rest
 * droppable by a bundler. Returns the ranges that are gone.
 */
export function editStatements(draft: MagicString, model: ModuleModel, context: Context): readonly Range[] {
  const edit: Edit = { ...context, draft, model, dropped: [] };
  let afterGap = false;
  for (const statement of model.module.program.body as Statement[]) {
    editStatement(statement, edit);
    const isGone = edit.dropped.includes(statement);
    if (afterGap && !isGone) separate(statement, draft);
    afterGap = isGone;
  }
  return edit.dropped;
}

/** Where the source leaves out semicolons, a statement that is gone must not join its neighbours. */
function separate({ start }: Range, draft: MagicString): void {
  if (/[([`/+-]/.test(draft.original[start] ?? "")) draft.prependRight(start, ";");
}

function editStatement(statement: Statement, edit: Edit): void {
  const { reachable, model } = edit;
  const declaration = declarationOf(statement);
  switch (declaration.type) {
    case "ImportDeclaration":
      return editImport(declaration, edit);
    case "VariableDeclaration":
      return declaration.declare === true ? undefined : editVariables(statement, declaration, edit);
    case "FunctionDeclaration":
      if (declaration.declare === true) return;
      if (!reachable.kept.has(declaration) && declaration.id !== null) return drop(statement, edit);
      return model.functions.some(({ fn }) => fn === declaration) ? drop(statement, edit) : undefined;
    case "TSDeclareFunction":
      return drop(statement, edit);
    case "ClassDeclaration":
      if (declaration.declare === true) return;
      if (!reachable.kept.has(declaration) && declaration.id !== null) return drop(statement, edit);
      return editClass(declaration, edit);
    case "TSEnumDeclaration":
    case "TSModuleDeclaration":
    case "TSImportEqualsDeclaration":
      return reachable.kept.has(declaration) || isAmbient(declaration) ? undefined : drop(statement, edit);
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return;
    default:
      if (statement.type === "ExportDefaultDeclaration") return editDefault(declaration, edit);
      if (!reachable.kept.has(statement)) drop(statement, edit);
  }
}

function isAmbient(node: Node): boolean {
  return "declare" in node && node.declare === true;
}

function drop(range: Range, { draft, dropped }: Edit): void {
  const rest = /^[ \t]*(?:\r?\n)?/.exec(draft.original.slice(range.end))?.[0].length ?? 0;
  draft.remove(range.start, range.end + rest);
  dropped.push(range);
}

function editImport(node: ImportDeclaration, edit: Edit): void {
  const { draft, reachable } = edit;
  const from = draft.original.slice(node.source.start, node.end);
  if (node.specifiers.length === 0) {
    const isRelative = /^\.{0,2}\//.test(node.source.value);
    return isRelative && node.importKind !== "type" ? undefined : drop(node, edit);
  }
  const kept = node.specifiers.filter((specifier) => reachable.kept.has(specifier));
  if (kept.length === node.specifiers.length) return;
  if (kept.length === 0) return drop(node, edit);
  const named = kept.filter(({ type }) => type === "ImportSpecifier");
  const parts = [
    ...kept.filter((specifier) => !named.includes(specifier)).map(({ start, end }) => draft.original.slice(start, end)),
    ...(named.length === 0
      ? []
      : [`{ ${named.map(({ start, end }) => draft.original.slice(start, end)).join(", ")} }`]),
  ];
  draft.overwrite(node.start, node.end, `import ${parts.join(", ")} from ${from}`);
}

function editVariables(statement: Node, node: VariableDeclaration, edit: Edit): void {
  const { draft, reachable } = edit;
  const kept = node.declarations.filter((declarator) => reachable.kept.has(declarator));
  if (kept.length === 0) return drop(statement, edit);
  let seen = false;
  for (const [index, declarator] of node.declarations.entries()) {
    if (kept.includes(declarator)) {
      seen = true;
      if (!node.kind.endsWith("using")) editDeclarator(declarator, edit);
      continue;
    }
    const next = node.declarations[index + 1];
    const previous = node.declarations[index - 1];
    const range = seen
      ? { start: previous?.end ?? declarator.start, end: declarator.end }
      : { start: declarator.start, end: next?.start ?? declarator.end };
    draft.remove(range.start, range.end);
    edit.dropped.push(range);
  }
}

function editDeclarator(declarator: VariableDeclarator, edit: Edit): void {
  const { draft, model, reachable, references } = edit;
  const { id, init, start, end } = declarator;
  if (init === null) return;
  if (reachable.unavailable.has(declarator)) {
    draft.overwrite(
      start,
      end,
      namesIn(id)
        .map((name) => `${name} = ${unavailable(name)}`)
        .join(", "),
    );
    edit.dropped.push(declarator);
  } else if (id.type === "Identifier") {
    const isOwn = isDurableAt(init, model) || isRegistered(withoutTypes(init), model);
    if (!isOwn && !isPlain(init, references)) wrap(init, draft);
  } else {
    const names = namesIn(id);
    const whole = model.names.unique("__workflow_parts");
    draft.prependRight(start, `${whole} = ${PURE} (() => { const `);
    draft.appendLeft(
      end,
      `; return { ${names.join(", ")} }; })()${names.map((name) => `, ${name} = ${whole}.${name}`).join("")}`,
    );
  }
}

function editClass(node: Class, { draft, model, references }: Edit): void {
  if (isPlainClass(node, references) || isRegistered(node, model)) return;
  wrapClass(draft, { node, local: node.id?.name }, model.module);
}

/** Those are wrapped with what registers them. */
function isRegistered(node: Node, { classes }: ModuleModel): boolean {
  return classes.some((durable) => durable.node === node);
}

function editDefault(expression: Node, edit: Edit): void {
  const { draft, model, references } = edit;
  if (hasAwait(expression)) {
    draft.overwrite(expression.start, expression.end, unavailable("default"));
    edit.dropped.push(expression);
  } else if (!isPlain(expression, references) && !isDurableAt(expression, model)) wrap(expression, draft);
}

function wrap({ start, end }: Range, draft: MagicString): void {
  draft.appendRight(start, `${PURE} (() => (`);
  draft.prependLeft(end, "))()");
}

function unavailable(name: string): string {
  const message = `"${name}" awaits something when its module is loaded, so workflow code cannot have it.`;
  return `${PURE} (() => { throw new Error(${quote(message)}); })()`;
}

function isDurableAt(node: Node, { functions }: ModuleModel): boolean {
  return functions.some(({ fn }) => fn === node);
}
