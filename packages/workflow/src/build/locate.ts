import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { exportTargets } from "./export-map.ts";
import { foldersUpward, packageIn } from "./packages.ts";
import { SOURCE_EXTENSIONS } from "./source-files.ts";

const PACKAGE_SPECIFIER = /^((?:@[^/@]+\/)?[^/@]+)(\/[^@]+)?@([^@]+)$/;

/**
 * The way back from a module specifier: the files on disk that may have it. An id says where its function lives,
 * so finding one takes a few looks at the disk, however large the project is.
 */
export function filesWithSpecifier(specifier: string, root: string): readonly string[] {
  if (specifier.startsWith("./node_modules/")) {
    return foldersUpward(root).flatMap((dir) => withAnyExtension(join(dir, specifier)));
  }
  if (specifier.startsWith("./") || specifier.startsWith("../")) return withAnyExtension(join(root, specifier));
  const [, name, subpath = "", version] = PACKAGE_SPECIFIER.exec(specifier) ?? [];
  if (name === undefined) return [];
  return foldersUpward(root).flatMap((dir) => {
    const found = packageIn(join(dir, "node_modules", name));
    if (found === undefined || found.version !== version) return [];
    const paths = exportTargets(found, `.${subpath}`).map((target) => join(found.dir, target));
    return [...new Set(paths)].filter((path) => existsSync(path)).map((path) => realpathSync(path));
  });
}

/** The module specifier in a workflow or step id. */
export function specifierIn(id: string): string | undefined {
  return id.split("//")[1];
}

function withAnyExtension(path: string): readonly string[] {
  return SOURCE_EXTENSIONS.map((extension) => path + extension).filter((file) => existsSync(file));
}
