import type { Node, Program, VariableDeclaration } from "oxc-parser";
import type { Source } from "./source.ts";

export interface Import {
  /** `{ withWorkflow }`, or the name of a default import. */
  readonly names: string;
  readonly from: string;
}

/** Adds an import behind those that are there; a `require` in a CommonJS module. */
export function addImport(source: Source, { names, from }: Import): void {
  const { program, output, text } = source;
  const { quote, semicolon } = spellingOf(source);
  const module = quote + from + quote;
  const statement = isCommonJs(program)
    ? `const ${names} = require(${module})${semicolon}`
    : `import ${names} from ${module}${semicolon}`;
  const last = lastOfHead(program);
  const [first] = program.body;
  if (last !== undefined) output.appendLeft(last.end, `\n${statement}`);
  else if (first !== undefined) output.prependLeft(beforeComments(text, first.start), `${statement}\n\n`);
  else output.append(`${statement}\n`);
}

/** What the new one comes behind. Imports may stand anywhere; a `require` has to come before what uses it. */
function lastOfHead({ body }: Program): Node | undefined {
  const imported = body.findLast(({ type }) => type === "ImportDeclaration");
  if (imported !== undefined) return imported;
  const head = body.findIndex((node) => !isDirective(node) && !isRequire(node));
  return head === -1 ? body.at(-1) : body[head - 1];
}

/** Whether a module is one by `require` and `module.exports`. */
function isCommonJs({ body }: Program): boolean {
  const isModule = body.some(({ type }) => type.startsWith("Import") || type.startsWith("Export"));
  return !isModule && body.some((node) => isRequire(node) || isModuleExports(node));
}

/** `module.exports = ...` */
export function isModuleExports(node: Node): boolean {
  if (node.type !== "ExpressionStatement" || node.expression.type !== "AssignmentExpression") return false;
  const { left } = node.expression;
  return (
    left.type === "MemberExpression" &&
    left.object.type === "Identifier" &&
    left.object.name === "module" &&
    left.property.type === "Identifier" &&
    left.property.name === "exports"
  );
}

function isImport(node: Node): boolean {
  return node.type === "ImportDeclaration" || isRequire(node);
}

function isRequire(node: Node): node is VariableDeclaration {
  if (node.type !== "VariableDeclaration") return false;
  return node.declarations.every(
    ({ init }) =>
      init?.type === "CallExpression" && init.callee.type === "Identifier" && init.callee.name === "require",
  );
}

/** Such as `"use strict"`. */
function isDirective(node: Node): boolean {
  return node.type === "ExpressionStatement" && "directive" in node && typeof node.directive === "string";
}

/** Comments at the head of a file describe what follows them, such as the type of the config. */
function beforeComments(text: string, position: number): number {
  const head = /^(?:\s*(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/))+\s*$/.exec(text.slice(0, position));
  if (head === null) return position;
  return text.startsWith("#!") ? text.indexOf("\n") + 1 : text.slice(0, position).search(/\S/);
}

export interface Spelling {
  readonly quote: string;
  readonly semicolon: string;
}

/** As the file writes its first import, or else anything. */
export function spellingOf({ program, text }: Source): Spelling {
  const first = program.body.find(isImport) ?? program.body.at(-1);
  const statement = first === undefined ? `"";` : text.slice(first.start, first.end);
  const quote = /["']/.exec(statement)?.[0] ?? '"';
  return { quote, semicolon: statement.endsWith(";") ? ";" : "" };
}
