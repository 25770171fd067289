import { isAbsolute, relative } from "node:path";
import { exportedSubpath } from "./export-map.ts";
import { owningPackage } from "./packages.ts";
import { toPosix, withoutExtension } from "./source-files.ts";

/**
 * What stands for a file in workflow and step ids (contract 01 section 1.4): `./src/workflows/order` for a file of
 * the project, `package/subpath@version` for a file that a package exports, else a path. The same on every machine.
 */
export function moduleSpecifierOf(file: string, root: string): string {
  const path = toPosix(relative(root, file));
  if (!isOutsideProject(path)) return `./${withoutExtension(path)}`;
  return packageSpecifier(file) ?? pathSpecifier(path);
}

function isOutsideProject(path: string): boolean {
  return path.startsWith("../") || isAbsolute(path) || /(?:^|\/)node_modules\//.test(path);
}

function packageSpecifier(file: string): string | undefined {
  const found = owningPackage(file);
  if (found?.name === undefined || found.version === undefined) return undefined;
  const subpath = exportedSubpath(found, `./${toPosix(relative(found.dir, file))}`);
  return subpath === undefined ? undefined : `${found.name}${subpath.slice(1)}@${found.version}`;
}

/** Where package managers put a package differs; its name and what follows do not. */
function pathSpecifier(path: string): string {
  const at = path.lastIndexOf("node_modules/");
  return withoutExtension(at === -1 ? path : `./${path.slice(at)}`);
}
