import MagicString from "magic-string";
import type { Node, Program } from "oxc-parser";
import { parseModule, walk } from "../../../compiler/ast.ts";

/** A file of the user's while it is edited. What is not touched stays as it is, to the last blank. */
export interface Source {
  readonly text: string;
  readonly program: Program;
  readonly output: MagicString;
}

/** Undefined when it cannot be parsed. */
export function openSource(file: string, text: string): Source | undefined {
  const parsed = parseModule(text, file);
  return parsed.status === "refused"
    ? undefined
    : { text, program: parsed.module.program, output: new MagicString(text) };
}

/** Whether a text stands in the code, as the name of a module for example. Comments do not count. */
export function saysText({ program }: Source, value: string): boolean {
  let says = false;
  walk(program, (node) => {
    if (node.type === "Literal" && node.value === value) says = true;
    return says ? false : undefined;
  });
  return says;
}

/** The blanks that a line begins with in which a node stands. */
export function indentAt({ text }: Source, position: number): string {
  const start = text.lastIndexOf("\n", position - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, position))?.[0] ?? "";
}

/** One step further in, as this file does it. */
export function indentUnit({ text }: Source): string {
  return /^(\t| {2,8})\S/m.exec(text)?.[1] ?? "  ";
}

export function textOf({ text }: Source, { start, end }: Node): string {
  return text.slice(start, end);
}
