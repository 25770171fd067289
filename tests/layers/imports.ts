import { readFileSync } from "node:fs";
import { parseModule, walk } from "../../packages/workflow/src/compiler/ast.ts";

type Node = Parameters<typeof walk>[0];

/** One place where a module names another one. Types count: they couple files as values do. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** @throws when the file does not parse: an unread file would pass every rule. */
export function importsOf(file: string): Import[] {
  const parsed = parseModule(readFileSync(file, "utf8"), file);
  if (parsed.status === "refused") throw new Error(`${file}: ${parsed.diagnostics[0]?.message}`);
  const { program, locate } = parsed.module;
  const found: Import[] = [];
  walk(program, (node) => {
    const source = sourceOf(node);
    if (source?.type !== "Literal" || typeof source.value !== "string") return;
    found.push({ specifier: source.value, line: locate(node.start).line });
  });
  return found;
}

function sourceOf(node: Node): Node | null | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source;
    case "TSExternalModuleReference":
      return node.expression;
    case "CallExpression":
      return isLoader(node.callee) ? node.arguments[0] : undefined;
    default:
      return undefined;
  }
}

/** `require(...)`, `process.getBuiltinModule(...)`, `import.meta.resolve(...)`. */
function isLoader(callee: Node): boolean {
  if (callee.type === "Identifier") return callee.name === "require";
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  return ["getBuiltinModule", "require", "resolve"].includes(callee.property.name) && isModuleHost(callee.object);
}

function isModuleHost(node: Node): boolean {
  return node.type === "MetaProperty" || (node.type === "Identifier" && ["process", "module"].includes(node.name));
}
