import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mayHaveClasses, mayHaveDirective } from "../compiler/prefilter.ts";
import { isSourceFile } from "../build/source-files.ts";

/** Where nobody keeps source files of the server. Folders whose names begin with a dot are left out too. */
const SKIPPED = new Set(["node_modules", "dist", "build", "out", "coverage", "public", "static"]);

const TEST = /\.(?:test|spec|stories|bench)\.[cm]?[jt]sx?$/;

/** The source files below the folders that may have directives, or classes whose values can be stored. */
export function scan(folders: readonly string[]): readonly string[] {
  const found: string[] = [];
  const pending = [...folders];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !SKIPPED.has(entry.name)) pending.push(path);
      } else if (entry.isFile() && isSourceFile(entry.name) && !TEST.test(entry.name) && isOfInterest(path)) {
        found.push(path);
      }
    }
  }
  return found.toSorted();
}

/** A folder that goes while it is looked at has nothing to say. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isOfInterest(file: string): boolean {
  try {
    const source = readFileSync(file, "utf8");
    return mayHaveDirective(source) || mayHaveClasses(source);
  } catch {
    return false;
  }
}
