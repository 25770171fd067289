import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a directory and its parents; true when it was not there. (`mkdirSync` with `recursive` tries for ever
 * where the system says that a directory cannot be found whose parent is there: in /proc, below automounts.)
 */
export function makeDirectory(path: string): boolean {
  if (existsSync(path)) return false;
  const parent = dirname(path);
  if (parent !== path) makeDirectory(parent);
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    // Another process may have been quicker.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
