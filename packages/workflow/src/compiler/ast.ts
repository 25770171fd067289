import {
  parseSync,
  visitorKeys,
  type ArrowFunctionExpression,
  type Function as PlainFunction,
  type Node,
  type Program,
} from "oxc-parser";
import type { Diagnostic } from "./types.ts";
import { createLocator, type Locator } from "./locator.ts";

export type FunctionNode = PlainFunction | ArrowFunctionExpression;

/** Offsets into a source, in UTF-16 code units. Nodes are ranges. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ParsedModule {
  readonly source: string;
  readonly file: string;
  readonly program: Program;
  readonly locate: Locator;
  /** The node that a node stands in. */
  readonly parents: ReadonlyMap<Node, Node>;
}

export type ParseOutcome =
  | { readonly status: "parsed"; readonly module: ParsedModule }
  | { readonly status: "refused"; readonly diagnostics: readonly Diagnostic[] };

export function parseModule(source: string, file: string): ParseOutcome {
  const locate = createLocator(source);
  const { program, errors } = parseSync(file, source, {
    lang: languageOf(file),
    sourceType: "module",
    preserveParens: false,
  });
  if (errors.length > 0) {
    const diagnostics = errors.map((error): Diagnostic => ({
      severity: "error",
      code: "syntax-error",
      message: error.message,
      fix: error.helpMessage ?? "Correct the syntax; no code was generated for this file.",
      file,
      ...locate(error.labels[0]?.start ?? 0),
    }));
    return { status: "refused", diagnostics };
  }
  return {
    status: "parsed",
    module: { source, file, program, locate, parents: parentsOf(program) },
  };
}

/** JavaScript files may hold JSX, as in many bundler set-ups. */
function languageOf(file: string): "js" | "jsx" | "ts" | "tsx" {
  if (file.endsWith(".tsx")) return "tsx";
  return /\.[cm]?ts$/.test(file) ? "ts" : "jsx";
}

function parentsOf(program: Program): Map<Node, Node> {
  const parents = new Map<Node, Node>();
  walk(program, (node, parent) => {
    if (parent !== undefined) parents.set(node, parent);
  });
  return parents;
}

/** Direct children in source order of their kinds. */
export function childrenOf(node: Node): Node[] {
  const fields = node as unknown as Record<string, unknown>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => {
    const value = fields[key];
    return (Array.isArray(value) ? value : [value]).filter(isNode);
  });
}

/** Visits a node and what is below it; `false` keeps out of a node's children. */
export function walk(node: Node, visit: (node: Node, parent: Node | undefined) => void | false, parent?: Node): void {
  if (visit(node, parent) === false) return;
  for (const child of childrenOf(node)) walk(child, visit, node);
}

export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression"
  );
}

/** The nodes that a node stands in, nearest first. */
export function* ancestorsOf(node: Node, parents: ReadonlyMap<Node, Node>): Generator<Node, void, undefined> {
  for (let at = parents.get(node); at !== undefined; at = parents.get(at)) yield at;
}

export function enclosingFunction(node: Node, parents: ReadonlyMap<Node, Node>): FunctionNode | undefined {
  for (const ancestor of ancestorsOf(node, parents)) if (isFunction(ancestor)) return ancestor;
  return undefined;
}

/** With the decorators of a class, which may stand before its `export`. */
export function rangeOf(node: Node): Range {
  const declaration = "declaration" in node ? node.declaration : node;
  const decorators = declaration !== null && "decorators" in declaration ? (declaration.decorators ?? []) : [];
  return { start: Math.min(node.start, ...decorators.map(({ start }) => start)), end: node.end };
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export function isSame(one: Range, other: Range): boolean {
  return one.start === other.start && one.end === other.end;
}

/** The expression under the parts of TypeScript that vanish. */
export function withoutTypes(node: Node): Node {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
      return withoutTypes(node.expression);
    default:
      return node;
  }
}

/** Whether evaluating the node itself, not the functions in it, awaits something. */
export function hasAwait(node: Node): boolean {
  let found = false;
  walk(node, (at) => {
    if (isFunction(at)) return false;
    if (at.type === "AwaitExpression" || (at.type === "ForOfStatement" && at.await)) found = true;
    if (at.type === "VariableDeclaration" && at.kind === "await using") found = true;
    return found ? false : undefined;
  });
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "type") === "string";
}
