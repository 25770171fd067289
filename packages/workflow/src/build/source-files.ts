import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { owningPackage } from "./packages.ts";

/** TypeScript first: where two files could be meant, the source wins over its build output. */
export const SOURCE_EXTENSIONS: readonly string[] = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/** Its end, in front of what a bundler may add. */
export const SOURCE_ID: RegExp = /\.(?:[cm]?[jt]s|[jt]sx)(?:\?.*)?$/;

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const DECLARATION = /\.d\.(?:[cm]?ts|[^./\\]+\.ts)$/;
const NEEDS_TRANSFORM = /\.(?:[cm]?ts|tsx|jsx)$/;
const IN_NODE_MODULES = /[\\/]node_modules[\\/]/;

/** This package's own code mentions directives everywhere and contains none. */
const OWN_FOLDER: string = fileURLToPath(new URL("..", import.meta.url));

/** JavaScript or TypeScript with code in it. */
export function isSourceFile(file: string): boolean {
  return SOURCE.test(file) && !DECLARATION.test(file);
}

/** Node cannot run it as it is. */
export function needsTransform(file: string): boolean {
  return NEEDS_TRANSFORM.test(file) && !DECLARATION.test(file);
}

export function isInNodeModules(file: string): boolean {
  return IN_NODE_MODULES.test(file);
}

/** Directives in this file count: the project's own files, and those of packages that use workflows themselves. */
export function mayBeCompiled(file: string): boolean {
  if (!isSourceFile(file) || file.startsWith(OWN_FOLDER)) return false;
  return !isInNodeModules(file) || owningPackage(file)?.usesWorkflow === true;
}

export function withoutExtension(path: string): string {
  return path.replace(SOURCE, "");
}

export function toPosix(path: string): string {
  return sep === "/" ? path : path.split(sep).join("/");
}
