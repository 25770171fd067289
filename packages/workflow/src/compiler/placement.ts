import type { MethodDefinition, Node, ObjectProperty } from "oxc-parser";
import {
  ancestorsOf,
  childrenOf,
  enclosingFunction,
  isFunction,
  walk,
  withoutTypes,
  type FunctionNode,
  type ParsedModule,
} from "./ast.ts";
import { report, type Report } from "./diagnostics.ts";
import type { Marked } from "./directives.ts";

/** How a function sits in the source; it decides how the function is replaced. */
export type Slot =
  /** A declaration at module level. */
  | { readonly type: "declaration"; readonly statement: Node }
  /** A declaration in a block or in a function; `block` is absent where there are no braces of its own. */
  | { readonly type: "inner-declaration"; readonly block: Node | undefined }
  | { readonly type: "expression" }
  | { readonly type: "method"; readonly property: ObjectProperty }
  /** Of a class; of its instances, unless `element.static`. */
  | { readonly type: "class-method"; readonly element: MethodDefinition };

export type Placed =
  | { readonly type: "placed"; readonly slot: Slot }
  | { readonly type: "refused"; readonly report: Report };

/** Where a marked function may stand. */
export function placeFunction(marked: Marked, module: ParsedModule): Placed {
  const { fn, kind } = marked;
  const directive = `"use ${kind}"`;
  const refuse = (what: string, fix: string): Placed => {
    return {
      type: "refused",
      report: report("unsupported-placement", fn, `${directive} cannot stand in ${what}.`, { fix }),
    };
  };
  const member = memberProblem(marked, module);
  if (member !== undefined)
    return refuse(member, "Move the code into an async function outside of the class and call that.");
  if (fn.generator) return refuse("a generator", "Make it an async function that returns its result.");
  if (!fn.async) {
    const message = `A function with ${directive} must be async.`;
    return {
      type: "refused",
      report: report("not-async", fn, message, { fix: "Write `async` before the function." }),
    };
  }
  if (kind === "workflow" && !isAtModuleLevel(fn, module)) {
    return refuse(
      "a function or block inside the module",
      "Move the workflow to the top level of its module and export it.",
    );
  }
  const lexical = lexicalProblem(fn, module);
  if (lexical !== undefined)
    return refuse(`a function that uses ${lexical}`, "Pass what the function needs as arguments.");
  return { type: "placed", slot: slotOf(fn, module) };
}

function slotOf(fn: FunctionNode, { parents }: ParsedModule): Slot {
  const parent = parents.get(fn) as Node;
  if (fn.type === "FunctionDeclaration") {
    if (parent.type === "Program") return { type: "declaration", statement: fn };
    if (parent.type === "ExportNamedDeclaration" || parent.type === "ExportDefaultDeclaration") {
      return { type: "declaration", statement: parent };
    }
    return {
      type: "inner-declaration",
      block: parent.type === "BlockStatement" ? parent : undefined,
    };
  }
  if (parent.type === "Property" && parent.method) return { type: "method", property: parent };
  return parent.type === "MethodDefinition" ? { type: "class-method", element: parent } : { type: "expression" };
}

/** What is wrong with a function that is, or belongs to, a member of a class, an object or a namespace. */
function memberProblem({ fn, kind }: Marked, { parents }: ParsedModule): string | undefined {
  const parent = parents.get(fn) as Node;
  if (parent.type === "Property" && parent.kind !== "init") return "a getter or setter";
  if (parent.type === "MethodDefinition") {
    if (parent.kind === "constructor") return "a constructor";
    if (parent.kind !== "method") return "a getter or setter";
    if (!parent.static && parent.key.type === "PrivateIdentifier") return "a private instance method";
    if (!parent.static && kind === "workflow") return "an instance method";
  }
  for (const ancestor of ancestorsOf(fn, parents)) {
    if (isFunction(ancestor)) return undefined;
    if (ancestor.type === "PropertyDefinition" && !ancestor.static && kind === "workflow")
      return "an instance property";
    if (ancestor.type === "StaticBlock") return "a static block";
    if (ancestor.type === "TSModuleBlock") return "a namespace";
  }
  return undefined;
}

function isAtModuleLevel(fn: FunctionNode, { parents }: ParsedModule): boolean {
  if (enclosingFunction(fn, parents) !== undefined) return false;
  for (const ancestor of ancestorsOf(fn, parents)) if (ancestor.type === "BlockStatement") return false;
  return true;
}

/** Whether a function is made anew for each instance of a class. */
export function isInInstanceProperty(fn: FunctionNode, { parents }: ParsedModule): boolean {
  for (const ancestor of ancestorsOf(fn, parents)) {
    if (isFunction(ancestor)) return false;
    if (ancestor.type === "PropertyDefinition") return !ancestor.static;
  }
  return false;
}

/** What a function takes from its place in the source that it would not find where it is moved to. */
function lexicalProblem(fn: FunctionNode, module: ParsedModule): string | undefined {
  const nested = enclosingFunction(fn, module.parents) !== undefined || isInInstanceProperty(fn, module);
  const staysInClass = !nested && module.parents.get(fn)?.type === "MethodDefinition";
  const declared = new Set<string>();
  let problem: string | undefined;
  walk(fn, (node) => {
    if (node.type === "Super" && !staysInClass && !isOwnedWithin(node, fn, module)) problem = "`super`";
    const isClassMember =
      node.type === "MethodDefinition" || node.type === "PropertyDefinition" || node.type === "AccessorProperty";
    if (isClassMember && node.key.type === "PrivateIdentifier") declared.add(node.key.name);
  });
  walk(fn, (node) => {
    if (nested && node.type === "PrivateIdentifier" && !declared.has(node.name))
      problem ??= `the private name #${node.name}`;
  });
  if (fn.type === "ArrowFunctionExpression") {
    walkLexical(fn, (node) => {
      if (node.type === "Identifier" && node.name === "arguments")
        problem ??= "the `arguments` of the function around it";
      if (node.type === "MetaProperty" && node.meta.name === "new")
        problem ??= "the `new.target` of the function around it";
    });
  }
  return problem;
}

/** Whether a `super` belongs to a method inside the function. */
function isOwnedWithin(node: Node, fn: FunctionNode, { parents }: ParsedModule): boolean {
  for (const ancestor of ancestorsOf(node, parents)) {
    if (ancestor === fn) return false;
    if (ancestor.type === "MethodDefinition" || ancestor.type === "PropertyDefinition") return true;
    if (ancestor.type === "Property" && ancestor.method) return true;
  }
  return false;
}

/** Whether an arrow function uses the `this` of what is around it. */
export function capturesThis(fn: FunctionNode): boolean {
  return fn.type === "ArrowFunctionExpression" && usesThis([fn]);
}

/** Whether a function uses what it is called on. */
export function readsThis(fn: FunctionNode): boolean {
  return fn.type !== "ArrowFunctionExpression" && usesThis(childrenOf(fn));
}

function usesThis(nodes: readonly Node[]): boolean {
  let found = false;
  for (const node of nodes) {
    walkLexical(node, (at) => {
      const inJsx = at.type === "JSXIdentifier" && at.name === "this";
      if (at.type === "ThisExpression" || at.type === "Super" || inJsx) found = true;
    });
  }
  return found;
}

/** Visits what has the same `this` and `arguments` as the node itself. */
function walkLexical(from: Node, visit: (node: Node) => void): void {
  walk(from, (node) => {
    if (node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "ClassBody")
      return false;
    if (node.type.startsWith("TS") && withoutTypes(node) === node) return false;
    visit(node);
    return undefined;
  });
}
