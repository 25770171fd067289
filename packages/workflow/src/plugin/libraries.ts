import { realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { exportedSubpath, importTargets } from "../build/export-map.ts";
import { foldersUpward, packageIn, type PackageJson } from "../build/packages.ts";
import { toPosix } from "../build/source-files.ts";

/** The direct dependencies of a project that use workflows themselves: their files may have directives. */
export function dependenciesWithWorkflow(root: string): readonly PackageJson[] {
  const names = packageIn(root)?.dependencies ?? [];
  return names.flatMap((name) => {
    if (name === "workflow" || name.startsWith("@workflow/")) return [];
    const found = installed(name, root);
    return found?.usesWorkflow === true ? [found] : [];
  });
}

/** Where the code of a package is that others import: beside what it exports, wherever its sources are. */
export function foldersOfLibrary(library: PackageJson): readonly string[] {
  return importTargets(library).map((target) => join(library.dir, dirname(target)));
}

/** Whether a file of a package is what `require()` gets where `import` gets another one: it has the same ids. */
export function isOtherForm(file: string, library: PackageJson): boolean {
  const path = `./${toPosix(relative(library.dir, file))}`;
  return exportedSubpath(library, path) !== undefined && !importTargets(library).includes(path);
}

function installed(name: string, root: string): PackageJson | undefined {
  for (const folder of foldersUpward(root)) {
    const dir = join(folder, "node_modules", name);
    if (packageIn(dir) !== undefined) return packageIn(realpathSync(dir));
  }
  return undefined;
}
