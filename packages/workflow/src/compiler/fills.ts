import type { Node } from "oxc-parser";
import { isFunction, walk, withoutTypes } from "./ast.ts";
import type { Binding, Reference, Scope } from "./scopes.ts";

const COLLECTIONS = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);
/** Of `Object` and `Reflect`: those that change their first argument. */
const CHANGING = new Set([
  "assign",
  "defineProperty",
  "defineProperties",
  "deleteProperty",
  "freeze",
  "set",
  "setPrototypeOf",
]);

/** Finds the use of a name by its place. */
export type ReferenceAt = ReadonlyMap<number, Reference>;

/**
 * The module-level variables that a statement gives contents to: by assignment, or by calling a method of one
 * that is plainly a collection. Other calls (`server.listen()`) are what the module does, not what its variables are.
 */
export function filledBy(statement: Node, references: ReferenceAt, module: Scope): Set<string> {
  const filled = new Set<string>();
  const add = (target: Node, accept: (binding: Binding) => boolean = () => true): void => {
    for (const root of rootsOf(target)) {
      const binding = references.get(root.start)?.binding;
      if (binding?.scope === module && accept(binding)) filled.add(binding.name);
    }
  };
  walk(statement, (node) => {
    if (isFunction(node)) return false;
    if (node.type === "AssignmentExpression") add(node.left);
    if (node.type === "UpdateExpression") add(node.argument);
    if (node.type === "UnaryExpression" && node.operator === "delete") add(node.argument);
    if (node.type === "CallExpression" && node.callee.type === "MemberExpression") {
      const { object } = node.callee;
      const first = node.arguments[0];
      if (changesItsArgument(node.callee) && first !== undefined) add(first);
      else add(object, isCollection);
    }
    return undefined;
  });
  return filled;
}

function changesItsArgument({ object, property }: { object: Node; property: Node }): boolean {
  const owner = object.type === "Identifier" && (object.name === "Object" || object.name === "Reflect");
  return owner && property.type === "Identifier" && CHANGING.has(property.name);
}

function isCollection({ declaration }: Binding): boolean {
  if (declaration.type !== "VariableDeclarator" || declaration.init === null) return false;
  const init = withoutTypes(declaration.init);
  if (init.type === "ArrayExpression") return true;
  return init.type === "NewExpression" && init.callee.type === "Identifier" && COLLECTIONS.has(init.callee.name);
}

/** The variables at the bottom of an assignment target: `a` of `a.b[c]`, `a` and `b` of `[a, b.c]`. */
function rootsOf(target: Node): { readonly start: number }[] {
  const node = withoutTypes(target);
  switch (node.type) {
    case "Identifier":
      return [node];
    case "MemberExpression":
      return rootsOf(node.object);
    case "ArrayPattern":
      return node.elements.flatMap((element) => (element === null ? [] : rootsOf(element)));
    case "ObjectPattern":
      return node.properties.flatMap((property) => rootsOf(property.type === "Property" ? property.value : property));
    case "RestElement":
      return rootsOf(node.argument);
    case "AssignmentPattern":
      return rootsOf(node.left);
    default:
      return [];
  }
}
