import { existsSync } from "node:fs";
import { pathsIn } from "./data-directory.ts";
import { readSettings } from "./settings.ts";

/** Where the embedded World of this process keeps its data, and whether there is any. Creates nothing. */
export function findData(): { readonly directory: string; readonly exists: boolean } {
  const { directory } = readSettings({});
  return { directory, exists: existsSync(pathsIn(directory).database) };
}
