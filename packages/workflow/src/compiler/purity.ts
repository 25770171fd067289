import type { Class, Node } from "oxc-parser";
import { isFunction, withoutTypes } from "./ast.ts";
import type { ReferenceAt } from "./fills.ts";

/** Tells a bundler that an expression may be dropped together with the variable that it initialises. */
export const PURE = "/*@__PURE__*/";

/** Whether a bundler sees by itself that evaluating an expression does nothing. */
export function isPlain(expression: Node, references: ReferenceAt): boolean {
  const node = withoutTypes(expression);
  if (isFunction(node) || node.type === "Literal") return true;
  switch (node.type) {
    case "Identifier":
      return node.name === "undefined" || references.get(node.start)?.binding !== undefined;
    case "TemplateLiteral":
      return node.expressions.length === 0;
    case "UnaryExpression":
      return node.operator !== "delete" && withoutTypes(node.argument).type === "Literal";
    case "ArrayExpression":
      return node.elements.every(
        (element) => element !== null && element.type !== "SpreadElement" && isPlain(element, references),
      );
    case "ObjectExpression":
      return node.properties.every((property) => {
        return property.type === "Property" && !property.computed && isPlain(property.value, references);
      });
    case "ClassExpression":
      return isPlainClass(node, references);
    default:
      return false;
  }
}

/** Decorated classes are left alone: they cannot be moved into an expression in every syntax of decorators. */
export function isPlainClass({ superClass, body, decorators }: Class, references: ReferenceAt): boolean {
  if (decorators.length > 0) return true;
  if (superClass !== null) return false;
  return body.body.every((member) => {
    switch (member.type) {
      case "StaticBlock":
        return false;
      case "PropertyDefinition":
      case "AccessorProperty":
        return !member.computed && (!member.static || member.value === null || isPlain(member.value, references));
      case "MethodDefinition":
        return !member.computed;
      default:
        return true;
    }
  });
}
