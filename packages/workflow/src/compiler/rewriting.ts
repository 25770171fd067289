import type MagicString from "magic-string";
import type { Node } from "oxc-parser";
import type { DurableFunction } from "./model.ts";
import { PURE } from "./purity.ts";

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

/** What stands in realm code for a step. */
export function stepProxy(durable: DurableFunction): string {
  const vars = closureVars(durable);
  const options = durable.readsThis ? `, ${vars === "" ? "undefined" : vars}, true` : vars === "" ? "" : `, ${vars}`;
  return `${PURE} __workflow.step(${quote(durable.id)}${options})`;
}

export function isMethod({ slot }: DurableFunction): boolean {
  return slot.type === "method" || slot.type === "class-method";
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
