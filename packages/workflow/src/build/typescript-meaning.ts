import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isInNodeModules, SOURCE_EXTENSIONS } from "./source-files.ts";

const LAST_RESORTS: readonly string[] = [...SOURCE_EXTENSIONS, ".json"];

/**
 * The file that TypeScript takes a relative import of a project's file for: `./x.js` may mean `./x.ts`, and `./x` may
 * mean `./x.ts` or `./x/index.ts`.
 * @param parentUrl A `file:` URL.
 */
export function typescriptMeaning(specifier: string, parentUrl: string): string | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(specifier) || isInNodeModules(fileURLToPath(parentUrl))) return undefined;
  return spellings(fileURLToPath(new URL(specifier, parentUrl))).find(isFile);
}

function spellings(path: string): readonly string[] {
  const written = /^(.*)\.([cm]?)js(x?)$/s.exec(path);
  if (written !== null) {
    const [, base = "", kind = "", x = ""] = written;
    return kind === "" && x === "" ? [`${base}.ts`, `${base}.tsx`] : [`${base}.${kind}ts${x}`];
  }
  const folder = path.replace(/[\\/]$/, "");
  return [
    ...LAST_RESORTS.map((extension) => folder + extension),
    ...LAST_RESORTS.map((extension) => `${folder}/index${extension}`),
  ];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
