import type { ModuleExportName, Node } from "oxc-parser";
import { isFunction, withoutTypes, type FunctionNode, type ParsedModule } from "./ast.ts";
import { namesIn } from "./patterns.ts";

/** The names under which each module-level binding is exported, in source order. */
export function exportedNames(module: ParsedModule): ReadonlyMap<string, readonly string[]> {
  const exported = new Map<string, string[]>();
  const add = (local: string, as: string): void => {
    exported.set(local, [...(exported.get(local) ?? []), as]);
  };
  for (const statement of module.program.body) {
    if (statement.type === "ExportNamedDeclaration" && statement.exportKind !== "type" && statement.source === null) {
      for (const name of statement.declaration === null ? [] : declaredNames(statement.declaration)) add(name, name);
      for (const { local, exported: as, exportKind } of statement.specifiers) {
        if (exportKind !== "type") add(nameOf(local), nameOf(as));
      }
    } else if (statement.type === "ExportDefaultDeclaration") {
      const local = defaultLocal(statement.declaration);
      if (local !== undefined) add(local, "default");
    }
  }
  return exported;
}

/** The functions that a file-level directive speaks of. */
export function exportedFunctions(module: ParsedModule): FunctionNode[] {
  const exported = exportedNames(module);
  const found: FunctionNode[] = [];
  for (const statement of module.program.body) {
    const declaration = declarationOf(statement);
    if (declaration.type === "FunctionDeclaration") {
      if (statement.type === "ExportDefaultDeclaration" || exported.has(declaration.id?.name ?? ""))
        found.push(declaration);
    } else if (declaration.type === "VariableDeclaration") {
      for (const { id, init } of declaration.declarations) {
        const value = init === null ? undefined : withoutTypes(init);
        if (id.type === "Identifier" && exported.has(id.name) && value !== undefined && isFunction(value))
          found.push(value);
      }
    } else if (statement.type === "ExportDefaultDeclaration" && isFunction(withoutTypes(declaration))) {
      found.push(withoutTypes(declaration) as FunctionNode);
    }
  }
  return found;
}

/** What a module-level statement declares, inside or outside of `export`. */
export function declarationOf(statement: Node): Node {
  if (statement.type === "ExportNamedDeclaration") return statement.declaration ?? statement;
  return statement.type === "ExportDefaultDeclaration" ? statement.declaration : statement;
}

/** The names that a declaration gives a value. */
export function declaredNames(declaration: Node): string[] {
  switch (declaration.type) {
    case "VariableDeclaration":
      return declaration.declarations.flatMap(({ id }) => namesIn(id));
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return declaration.id === null ? [] : [declaration.id.name];
    case "TSEnumDeclaration":
      return [declaration.id.name];
    case "TSModuleDeclaration":
      return declaration.id.type === "Identifier" ? [declaration.id.name] : [];
    default:
      return [];
  }
}

function defaultLocal(declaration: Node): string | undefined {
  const value = withoutTypes(declaration);
  if (value.type === "Identifier") return value.name;
  return declaredNames(declaration)[0];
}

function nameOf(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}
