import { printableLines } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

/** The name of a field and its text, which may have several lines; undefined when there is nothing to show. */
export type Field = readonly [name: string, text: string | undefined];

/** One field below the other, their texts aligned. */
export function fieldLines(fields: readonly Field[], paint: Terminal["paint"] = (_style, text) => text): string[] {
  const present = fields.filter((field): field is [string, string] => field[1] !== undefined);
  const width = Math.max(0, ...present.map(([name]) => name.length)) + 2;
  return present.flatMap(([name, text]) => {
    const [first = "", ...rest] = printableLines(text);
    const label = paint("dim", name) + " ".repeat(width - name.length);
    return [`${label}${first}`, ...rest.map((line) => " ".repeat(width) + line)];
  });
}
