import { structuredPatch, type StructuredPatchHunk } from "diff";
import { printable } from "../printable.ts";
import type { Style, Terminal } from "../terminal.ts";
import type { Change } from "./changes.ts";

const STYLES: Readonly<Record<string, Style>> = { "+": "green", "-": "red", "@": "cyan" };

/** The changes as `git diff` shows them; `git apply` would take them. */
export function showDiff(changes: readonly Change[], terminal: Terminal): void {
  for (const change of changes) terminal.print([...headOf(change, terminal), ...linesOf(change, terminal)].join("\n"));
}

function headOf({ path, before }: Change, { paint }: Terminal): string[] {
  const from = before === undefined ? "/dev/null" : `a/${path}`;
  return [`--- ${from}`, `+++ b/${path}`].map((line) => paint("bold", line));
}

function linesOf({ path, before = "", after }: Change, { paint }: Terminal): string[] {
  const { hunks } = structuredPatch(path, path, before, after, undefined, undefined, { context: 3 });
  return hunks.flatMap((hunk) =>
    [rangesOf(hunk), ...hunk.lines].map((line) => {
      const style = STYLES[line[0] ?? ""];
      const shown = line.split("\t").map(printable).join("\t");
      return style === undefined ? shown : paint(style, shown);
    }),
  );
}

function rangesOf({ oldStart, oldLines, newStart, newLines }: StructuredPatchHunk): string {
  // Of no lines, the format wants the number of the line before.
  const range = (start: number, lines: number): string => `${lines === 0 ? start - 1 : start},${lines}`;
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
}
