import type MagicString from "magic-string";
import type { Node } from "oxc-parser";
import type { DurableFunction } from "./model.ts";

/** Turns `async name(` into `name`, to be followed by a value. */
export function openMethod(
  draft: MagicString,
  member: { start: number; key: Node; computed: boolean },
  modifiers: string,
): void {
  const start = member.computed ? draft.original.lastIndexOf("[", member.key.start) : member.key.start;
  if (start > member.start) draft.overwrite(member.start, start, modifiers === "" ? " " : modifiers);
}

/** A function that reads the captured variables at the time of a call; empty if there are none. */
export function closureVars({ captures, capturesThis }: DurableFunction): string {
  const entries = [...(capturesThis ? ["this: this"] : []), ...captures].join(", ");
  return entries === "" ? "" : `() => ({ ${entries} })`;
}

export function isMethod({ slot }: DurableFunction): boolean {
  return slot.type === "method" || slot.type === "static-method";
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
