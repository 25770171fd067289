import { relative } from "node:path";
import { toPosix } from "../../build/source-files.ts";

/** How a file in the folder names another one: relatively, since Turbopack takes no absolute paths. */
export function specifierFrom(folder: string, file: string): string {
  const path = toPosix(relative(folder, file));
  return path.startsWith(".") ? path : `./${path}`;
}
