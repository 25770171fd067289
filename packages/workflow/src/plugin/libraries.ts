import { realpathSync } from "node:fs";
import { join } from "node:path";
import { foldersUpward, packageIn, type PackageJson } from "../build/packages.ts";

/** The direct dependencies of a project that use workflows themselves: their files may have directives. */
export function dependenciesWithWorkflow(root: string): readonly PackageJson[] {
  const names = packageIn(root)?.dependencies ?? [];
  return names.flatMap((name) => {
    if (name === "workflow" || name.startsWith("@workflow/")) return [];
    const found = installed(name, root);
    return found?.usesWorkflow === true ? [found] : [];
  });
}

function installed(name: string, root: string): PackageJson | undefined {
  for (const folder of foldersUpward(root)) {
    const dir = join(folder, "node_modules", name);
    if (packageIn(dir) !== undefined) return packageIn(realpathSync(dir));
  }
  return undefined;
}
