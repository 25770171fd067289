import { existsSync } from "node:fs";
import { join } from "node:path";

/** What Next.js takes for a file of its conventions unless `pageExtensions` says otherwise. */
export const PAGE_EXTENSIONS: readonly string[] = ["tsx", "ts", "jsx", "js"];

/** The folder that has, or could have, `app`, `pages` and `instrumentation`: the project, or its `src`. */
export function conventionFolder(root: string): string {
  const isIn = (folder: string): boolean => ["app", "pages"].some((name) => existsSync(join(folder, name)));
  const src = join(root, "src");
  return !isIn(root) && isIn(src) ? src : root;
}

/** A file name that Next.js takes notice of. What is generated is JavaScript and TypeScript alike. */
export function withExtension(name: string, root: string, extensions: readonly string[]): string {
  const wanted = existsSync(join(root, "tsconfig.json")) ? /(?:^|\.)ts$/ : /(?:^|\.)js$/;
  const extension = extensions.find((candidate) => wanted.test(candidate)) ?? extensions[0];
  return `${name}.${extension}`;
}
