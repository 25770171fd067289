import { parseSync, type ParseResult } from "rolldown/utils";
import { nearestPackage } from "./packages.ts";
import { needsTransform } from "./source-files.ts";

export type ModuleFormat = "module" | "commonjs";

/**
 * Decides as Node does: by extension, then by the `type` of the nearest `package.json`, then by syntax. TypeScript
 * counts as what is left of it once its types are gone. One thing is kinder than Node: TypeScript that imports and
 * exports is a module also in a package of type `commonjs`, which is what `npm init` writes.
 */
export function moduleFormatOf(file: string, source: string): ModuleFormat {
  if (/\.m[jt]s$/.test(file)) return "module";
  if (/\.c[jt]s$/.test(file)) return "commonjs";
  const type = nearestPackage(file)?.type;
  return type === "module" || (type === "commonjs" && !needsTransform(file)) ? type : formatBySyntax(file, source);
}

function formatBySyntax(file: string, source: string): ModuleFormat {
  const parsed = parseSync(file, source, { sourceType: "unambiguous" });
  if (parsed.module.hasModuleSyntax && keepsModuleSyntax(parsed)) return "module";
  return hasTopLevelAwait(source, parsed) ? "module" : "commonjs";
}

function keepsModuleSyntax({ module }: ParseResult): boolean {
  if (module.importMetas.length > 0) return true;
  const statements = [...module.staticImports, ...module.staticExports];
  return statements.some(({ entries }) => entries.length === 0 || entries.some((entry) => !entry.isType));
}

function hasTopLevelAwait(source: string, parsed: ParseResult): boolean {
  if (parsed.module.hasModuleSyntax || !/\bawait\b/.test(source)) return false;
  return parsed.program.sourceType === "module";
}
