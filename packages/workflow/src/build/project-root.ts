import { realpathSync } from "node:fs";
import { foldersUpward, packageIn } from "./packages.ts";

/** The nearest folder with a `package.json`, from `from` upward; `from` itself when there is none. Without symbolic links. */
export function findProjectRoot(from: string): string {
  const start = realpathSync(from);
  return foldersUpward(start).find((dir) => packageIn(dir) !== undefined) ?? start;
}
