import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseSync } from "rolldown/utils";
import type { Diagnostic } from "../compiler/types.ts";
import { lineAndColumn } from "./original-position.ts";
import { toPosix } from "./source-files.ts";

/** Something that the realm cannot have. It only matters if code that needs it is left after tree shaking. */
export interface RefusedImport {
  /** Stands in the bundle exactly if the import is used there. */
  readonly token: string;
  readonly reason: "node" | "host-only" | "unresolved";
  readonly specifier: string;
  readonly importer: string;
}

/** @param chain The files from the workflow's to the importer, absolute. */
export function explainRefusal(refused: RefusedImport, chain: readonly string[], root: string): Diagnostic {
  const { reason, specifier, importer } = refused;
  const path = chain.map((file) => toPosix(relative(root, file)));
  const via = path.length > 1 ? `; imported through ${path.join(" > ")}` : "";
  return {
    severity: "error",
    ...explain(reason, specifier, via),
    file: importer,
    ...positionOfImport(importer, specifier),
  };
}

function explain(
  reason: RefusedImport["reason"],
  specifier: string,
  via: string,
): Pick<Diagnostic, "code" | "message" | "fix"> {
  switch (reason) {
    case "node":
      return {
        code: "node-js-module-in-workflow",
        message: `Cannot use the Node.js module "${specifier}" in workflow functions${via}.`,
        fix: 'Move the code that needs it into a "use step" function.',
      };
    case "host-only":
      return {
        code: "node-js-module-in-workflow",
        message: `Cannot use "${specifier}" in workflow functions${via}.`,
        fix: 'Use it in a "use step" function, or outside of workflow code.',
      };
    case "unresolved":
      return {
        code: "unresolved-import",
        message: `Cannot find "${specifier}"${via}.`,
        fix: "Install the package, or correct the name.",
      };
  }
}

/** Of the first import of `specifier` in the file as the user wrote it. */
function positionOfImport(file: string, specifier: string): { line: number; column: number } {
  const source = readFileSync(file, "utf8");
  const { staticImports, staticExports } = parseSync(file, source).module;
  const requests = [
    ...staticImports.map((statement) => statement.moduleRequest),
    ...staticExports.flatMap((statement) => statement.entries.map((entry) => entry.moduleRequest)),
  ];
  const written = requests.find((request) => request?.value === specifier);
  const { line, column } = lineAndColumn(source, written?.start ?? firstQuoted(source, specifier));
  return { line, column: column + 1 };
}

function firstQuoted(source: string, specifier: string): number {
  const found = [`"${specifier}"`, `'${specifier}'`].map((text) => source.indexOf(text)).filter((at) => at !== -1);
  return Math.min(...found, source.length);
}
