import type { Node } from "oxc-parser";
import { ancestorsOf, isFunction, withoutTypes, type FunctionNode } from "./ast.ts";

/**
 * The function path of contract ids: `outer/inner`, `tools/search/execute`, `Mailer/send`, `default`. A class may have an
 * instance method beside a static one of the same name: `Mailer#send`.
 */
export function functionPath(fn: FunctionNode, parents: ReadonlyMap<Node, Node>): string {
  const chain = [fn, ...ancestorsOf(fn, parents)].toReversed();
  const segments: string[] = [];
  let sinceFunction = 0;
  for (const [index, node] of chain.entries()) {
    const names = nameGivenBy(node, chain[index - 1], sinceFunction > 0);
    segments.push(...names);
    sinceFunction = isFunction(node) && node !== fn ? 0 : sinceFunction + names.length;
  }
  const path = [...segments, ...(sinceFunction === 0 ? ["anonymous"] : [])];
  const last = path.pop() ?? "";
  const owner = parents.get(fn);
  const ofInstance = owner?.type === "MethodDefinition" && !owner.static;
  return path.length === 0 ? last : `${path.join("/")}${ofInstance ? "#" : "/"}${last}`;
}

function nameGivenBy(node: Node, parent: Node | undefined, named: boolean): string[] {
  switch (node.type) {
    case "VariableDeclarator":
      return node.id.type === "Identifier" ? [node.id.name] : [];
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
    case "AccessorProperty":
      return keyName(node);
    case "AssignmentExpression":
      return memberNames(node.left);
    case "ClassDeclaration":
      return node.id === null ? [] : [node.id.name];
    case "FunctionDeclaration":
      return node.id === null ? [] : [node.id.name];
    case "FunctionExpression":
    case "ClassExpression":
      return node.id === null || (named && isNamedBy(parent)) ? [] : [node.id.name];
    case "ExportDefaultDeclaration":
      return "id" in node.declaration && node.declaration.id !== null && node.declaration.id !== undefined
        ? []
        : ["default"];
    default:
      return [];
  }
}

/** Whether a node gives its name to the function that is its value, whatever that calls itself. */
function isNamedBy(node: Node | undefined): boolean {
  if (node === undefined) return false;
  return ["VariableDeclarator", "Property", "PropertyDefinition", "MethodDefinition", "AssignmentExpression"].includes(
    node.type,
  );
}

/** The name of a property or class element, if the source spells it out. */
function keyName(element: { readonly key: Node; readonly computed: boolean }): string[] {
  const { key, computed } = element;
  if (key.type === "Literal") return [String(key.value)];
  if (computed) return [];
  if (key.type === "PrivateIdentifier") return [`#${key.name}`];
  return key.type === "Identifier" ? [key.name] : [];
}

function memberNames(target: Node): string[] {
  const node = withoutTypes(target);
  if (node.type === "Identifier") return [node.name];
  if (node.type !== "MemberExpression") return [];
  const property = keyName({ key: node.property, computed: node.computed });
  return [...memberNames(node.object), ...property];
}
