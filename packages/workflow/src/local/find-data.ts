import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSettings } from "./settings.ts";

/** Where the embedded World of this process keeps its data, and whether there is any. Creates nothing. */
export function findData(): { readonly directory: string; readonly exists: boolean } {
  const { directory } = readSettings({});
  // Named as `prepareDirectory` names it.
  return { directory, exists: existsSync(join(directory, "workflow.db")) };
}
