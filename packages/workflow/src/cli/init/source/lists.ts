import type { ArrayExpression, Node, ObjectExpression, ObjectPropertyKind } from "oxc-parser";
import { withoutTypes } from "../../../compiler/ast.ts";
import { indentAt, indentUnit, type Source } from "./source.ts";

/** Why something cannot be edited: half a sentence about the file. Undefined when it was edited. */
export type Obstacle = string | undefined;

/** Puts an item into the list that an object has under `name`; makes the list if there is none. */
export function addToProperty(
  source: Source,
  object: ObjectExpression,
  name: string,
  item: string,
  place: "first" | "last" = "last",
): Obstacle {
  const property = propertyOf(object, name);
  if (property === undefined) {
    const spreads = object.properties.some(({ type }) => type === "SpreadElement");
    if (spreads) return `its ${name} may come from the object that is spread in it`;
    addProperty(source, object, `${name}: [${item}]`);
    return undefined;
  }
  const list = property.type === "Property" ? withoutTypes(property.value) : property;
  if (list.type !== "ArrayExpression") return `its ${name} are not written out as a list`;
  addToList(source, list, item, place);
  return undefined;
}

/** The last one of this name, which is the one that counts. */
export function propertyOf({ properties }: ObjectExpression, name: string): ObjectPropertyKind | undefined {
  return properties.findLast((property) => property.type === "Property" && keyOf(property) === name);
}

function keyOf(property: ObjectPropertyKind): string | undefined {
  if (property.type !== "Property" || property.computed) return undefined;
  if (property.key.type === "Identifier") return property.key.name;
  return property.key.type === "Literal" && typeof property.key.value === "string" ? property.key.value : undefined;
}

/** On a line of its own where the items that are there are on theirs. */
function addToList(source: Source, list: ArrayExpression, item: string, place: "first" | "last"): void {
  const { output } = source;
  const { first, last, indent } = layoutOf(source, list);
  if (first === undefined || last === undefined) output.appendLeft(list.start + 1, item);
  else if (place === "first")
    output.appendLeft(list.start + 1, indent === undefined ? `${item}, ` : `${indent}${item},`);
  else if (indent === undefined) output.appendLeft(last.end, `, ${item}`);
  else appendLines(source, list, [item]);
}

/** Each on a line of its own, behind what is there. */
export function appendLines(source: Source, list: ArrayExpression, items: readonly string[]): void {
  const { text, output } = source;
  const { last, indent, comma } = layoutOf(source, list);
  const outer = `\n${indentAt(source, list.start)}`;
  const inner = indent ?? outer + indentUnit(source);
  if (indent === undefined && last !== undefined) output.appendLeft(list.start + 1, inner);
  if (last !== undefined && !comma) output.appendLeft(last.end, ",");
  // Behind the comment of the last item, if it has one.
  const end = indent === undefined ? list.end - 1 : text.slice(0, list.end - 1).trimEnd().length;
  const added = items.map((item) => inner + item).join(",");
  output.appendLeft(end, added + (comma ? "," : "") + (indent === undefined ? outer : ""));
}

interface Layout {
  readonly first: Node | undefined;
  readonly last: Node | undefined;
  /** Between items, when they are on lines of their own. */
  readonly indent: string | undefined;
  /** Whether there is one behind the last item. */
  readonly comma: boolean;
}

function layoutOf(source: Source, list: ArrayExpression): Layout {
  const { text } = source;
  const items = list.elements.filter((element) => element !== null);
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return { first, last, indent: undefined, comma: false };
  const hasLines = text.slice(list.start, first.start).includes("\n");
  return {
    first,
    last,
    indent: hasLines ? `\n${indentAt(source, first.start)}` : undefined,
    comma: hasComma(text.slice(last.end, list.end - 1)),
  };
}

/** At the beginning of the object, where no comment of another property is in the way. */
export function addProperty(source: Source, object: ObjectExpression, property: string): void {
  const { text, output } = source;
  const inner = text.slice(object.start + 1, object.end - 1);
  const outer = indentAt(source, object.start);
  const indent = outer + indentUnit(source);
  const [first] = object.properties;
  if (first === undefined && inner.trim() === "") {
    output.update(object.start, object.end, `{\n${indent}${property}\n${outer}}`);
  } else if (inner.includes("\n")) {
    const at = first === undefined ? indent : indentAt(source, first.start);
    output.appendLeft(object.start + 1, `\n${at}${property},`);
  } else {
    output.appendLeft(object.start + 1, ` ${property},`);
  }
}

function hasComma(text: string): boolean {
  return text.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, "").includes(",");
}
