import type { CallExpression, Expression, Node, ObjectExpression, Program } from "oxc-parser";
import { type FunctionNode, isFunction, walk, withoutTypes } from "../../../compiler/ast.ts";
import { isModuleExports, spellingOf } from "./imports.ts";
import type { Obstacle } from "./lists.ts";
import type { Source } from "./source.ts";

/**
 * The object that a config file comes to: what it exports, by way of a `defineConfig`, a constant, or a function that
 * returns it in one place. Undefined when it is put together otherwise.
 */
export function exportedObject({ program }: Source): ObjectExpression | undefined {
  const exported = exportedNode(program);
  const found = exported === undefined ? undefined : meaningOf(exported, program);
  return found?.type === "ObjectExpression" ? found : undefined;
}

/** What a config file exports, without the ways that lead to it. */
export function exportedMeaning({ program }: Source): Node | undefined {
  const exported = exportedNode(program);
  return exported === undefined ? undefined : meaningOf(exported, program);
}

/** Makes a module export what `name` gives for what it exported before. */
export function wrapExport(source: Source, name: string): Obstacle {
  const { program, output } = source;
  const exported = exportedNode(program);
  if (exported === undefined) return "it does not export one value in one place";
  if (exported.type === "ClassDeclaration") return "it exports a class";
  const isDeclaration = exported.type === "FunctionDeclaration";
  if (isDeclaration && exported.id !== null && countOf(exported.id.name, program) > 1) {
    return "the function that it exports is used elsewhere in it";
  }
  output.appendLeft(exported.start, `${name}(`);
  output.appendLeft(exported.end, isDeclaration ? `)${spellingOf(source).semicolon}` : ")");
  return undefined;
}

function exportedNode({ body }: Program): Node | undefined {
  const found = body.flatMap((node): Node[] => {
    if (node.type === "ExportDefaultDeclaration") return [node.declaration];
    if (node.type !== "ExpressionStatement" || !isModuleExports(node)) return [];
    return node.expression.type === "AssignmentExpression" ? [node.expression.right] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** `passed`: what led here. Code may lead in a circle. */
function meaningOf(exported: Node, program: Program, passed: readonly Node[] = []): Node | undefined {
  const node = withoutTypes(exported);
  const next = passed.includes(node) ? undefined : nextOf(node, program);
  return next === undefined ? node : meaningOf(next, program, [...passed, node]);
}

/** What an expression stands for or comes to, if it is that kind of expression. */
function nextOf(node: Node, program: Program): Node | undefined {
  if (node.type === "Identifier") return valueOf(node.name, program);
  if (isFunction(node)) return resultOf(node);
  return node.type === "CallExpression" && isDefine(node) ? node.arguments[0] : undefined;
}

/** `defineConfig` and the like give back what they are given. */
function isDefine({ callee }: CallExpression): boolean {
  return callee.type === "Identifier" && /^define[A-Z]/.test(callee.name);
}

/** What a name stands for; undefined unless it is declared exactly once, with a value. */
function valueOf(name: string, program: Program): Expression | undefined {
  const values: (Expression | null)[] = [];
  walk(program, (node) => {
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.id.name === name) {
      values.push(node.init);
    }
  });
  return values.length === 1 ? (values[0] ?? undefined) : undefined;
}

function resultOf({ body }: FunctionNode): Node | undefined {
  if (body === null) return undefined;
  if (body.type !== "BlockStatement") return body;
  const results: (Expression | null)[] = [];
  walk(body, (inner) => {
    if (isFunction(inner)) return false;
    if (inner.type === "ReturnStatement") results.push(inner.argument);
    return undefined;
  });
  return results.length === 1 ? (results[0] ?? undefined) : undefined;
}

function countOf(name: string, program: Program): number {
  let count = 0;
  walk(program, (node) => {
    if (node.type === "Identifier" && node.name === name) count += 1;
  });
  return count;
}
