import { resolve } from "node:path";
import { parseSync } from "rolldown/utils";
import type { Diagnostic } from "../compiler/types.ts";
import { lineAndColumn, originalPosition } from "./original-position.ts";

/** Every `import()` that is left in a bundle. Node fails on it in a realm, or hangs. */
export function findDynamicImports(code: string, map: string, root: string): readonly Diagnostic[] {
  if (!/\bimport\b/.test(code)) return [];
  return parseSync("bundle.js", code).module.dynamicImports.map(({ start }) => {
    const { line, column } = lineAndColumn(code, start);
    const original = originalPosition(map, line, column);
    return {
      severity: "error",
      code: "dynamic-import-in-workflow",
      message: "import() does not work in workflow functions.",
      fix: 'Import the module at the top of the file, or move the import() into a "use step" function.',
      file: resolve(root, original?.source ?? ""),
      line: original?.line ?? 1,
      column: original?.column ?? 1,
    };
  });
}
