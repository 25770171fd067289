import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../usage-error.ts";
import type { Change } from "./changes.ts";
import { hasCarriageReturns, type Project } from "./project.ts";

/**
 * Writes what was shown, if the files are still what they were then.
 * @throws `UsageError` if not; nothing is written.
 */
export function writeChanges(folder: string, { read }: Project, changes: readonly Change[]): void {
  const other = changes.find(({ path, before }) => read(path) !== before);
  if (other !== undefined) {
    throw new UsageError(`${other.path} was changed in the meantime. Nothing was written: run workflow init again`);
  }
  for (const { path, before, after } of changes) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (before === undefined) writeFileSync(file, after, { flag: "wx" });
    else writeFileSync(file, hasCarriageReturns(readFileSync(file, "utf8")) ? after.replaceAll("\n", "\r\n") : after);
  }
}
