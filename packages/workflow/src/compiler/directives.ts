import type { Directive, ExpressionStatement, Node } from "oxc-parser";
import { enclosingFunction, isFunction, walk, type FunctionNode, type ParsedModule } from "./ast.ts";
import { report, type Report } from "./diagnostics.ts";
import { exportedFunctions } from "./exports.ts";
import { readDirective, type DirectiveKind } from "./spelling.ts";

export interface Marked {
  readonly kind: DirectiveKind;
  readonly fn: FunctionNode;
}

export interface Directives {
  /** In source order. */
  readonly marked: readonly Marked[];
  /** The directive statements themselves; they are left out of what is generated. */
  readonly statements: readonly Node[];
  readonly reports: readonly Report[];
}

type Statement = ExpressionStatement | Directive;

/** Finds the functions that carry a directive, and the directives that carry nothing. */
export function findDirectives(module: ParsedModule): Directives {
  const kinds = new Map<FunctionNode, DirectiveKind>();
  const statements: Node[] = [];
  const reports: Report[] = [];
  let fileLevel: DirectiveKind | undefined;

  walk(module.program, (node, parent) => {
    if (node.type !== "ExpressionStatement") return;
    const text = stringOf(node);
    if (text === undefined) return;
    const place = placeOf(node, parent, module);
    const spelling = readDirective(text);
    if (spelling.type === "other") return;
    if (place.type === "elsewhere") {
      if (spelling.type === "directive") reports.push(misplaced(node, spelling.kind));
      return;
    }
    if (spelling.type === "misspelt") {
      reports.push(misspelt(node, text, spelling.kind));
      return;
    }
    statements.push(node);
    if (place.type === "module") fileLevel = spelling.kind;
    else if (kinds.has(place.fn) && kinds.get(place.fn) !== spelling.kind) reports.push(both(node));
    else kinds.set(place.fn, spelling.kind);
  });

  if (fileLevel !== undefined) {
    for (const fn of exportedFunctions(module)) {
      if (fn.async && !fn.generator && !kinds.has(fn)) kinds.set(fn, fileLevel);
    }
  }
  const marked = [...kinds].map(([fn, kind]) => ({ kind, fn })).toSorted((a, b) => a.fn.start - b.fn.start);
  return { marked, statements, reports };
}

type Placement =
  | { readonly type: "module" }
  | { readonly type: "function"; readonly fn: FunctionNode }
  | { readonly type: "elsewhere" };

function placeOf(node: Statement, parent: Node | undefined, module: ParsedModule): Placement {
  if (typeof node.directive !== "string" || parent === undefined) return { type: "elsewhere" };
  if (parent.type === "Program") return { type: "module" };
  const fn = module.parents.get(parent);
  return fn !== undefined && isFunction(fn) && enclosingFunction(node, module.parents) === fn
    ? { type: "function", fn }
    : { type: "elsewhere" };
}

/** As written: a directive with an escape in it is none. */
function stringOf(node: Statement): string | undefined {
  const { expression } = node;
  if (expression.type !== "Literal" || typeof expression.value !== "string") return undefined;
  return typeof node.directive === "string" ? node.directive : expression.value;
}

function misplaced(node: Node, kind: DirectiveKind): Report {
  return report(
    "directive-misplaced",
    node,
    `"use ${kind}" has no effect here: it is not the first statement of a function.`,
    {
      fix: `Move "use ${kind}" to the top of the body of the async function that it is meant for, or to the top of the file.`,
    },
  );
}

function misspelt(node: Node, text: string, kind: DirectiveKind): Report {
  return report("directive-misspelt", node, `"${text}" is not a directive; "use ${kind}" was probably meant.`, {
    fix: `Write "use ${kind}".`,
  });
}

function both(node: Node): Report {
  return report("directive-misplaced", node, `A function cannot be both a step and a workflow.`, {
    fix: `Keep one of the two directives, and move the work of a step into a function of its own.`,
  });
}
