import type { Node } from "oxc-parser";
import { contains, withoutTypes, type FunctionNode, type ParsedModule } from "./ast.ts";
import type { Scope, Scopes } from "./scopes.ts";

/**
 * The variables of the functions around a nested step that its body reads. Their values travel with a call, so
 * module-level bindings, globals and the step's own name are none.
 */
export function capturesOf(fn: FunctionNode, module: ParsedModule, scopes: Scopes): readonly string[] {
  const own = bindingOf(fn, module)?.declaration;
  const captured = new Set<string>();
  for (const { name, binding, start, end } of scopes.references) {
    if (binding === undefined || !contains(fn, { start, end })) continue;
    const { scope, declaration } = binding;
    if (scope === scopes.module || declaration === own || isInside(scope, fn)) continue;
    captured.add(name);
  }
  return [...captured];
}

/** The variable that always holds the function, if there is one: its own declaration, or `const name = ...`. */
export function bindingOf(
  fn: FunctionNode,
  module: ParsedModule,
): { readonly name: string; readonly declaration: Node } | undefined {
  if (fn.type === "FunctionDeclaration") return fn.id === null ? undefined : { name: fn.id.name, declaration: fn };
  let parent = module.parents.get(fn);
  while (parent !== undefined && withoutTypes(parent) === fn) parent = module.parents.get(parent);
  if (parent?.type !== "VariableDeclarator" || parent.id.type !== "Identifier") return undefined;
  return { name: parent.id.name, declaration: parent };
}

function isInside(scope: Scope, fn: FunctionNode): boolean {
  return contains(fn, scope.node);
}
