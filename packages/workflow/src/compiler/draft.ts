import { Bundle, MagicString } from "magic-string";
import type { ParsedModule, Range } from "./ast.ts";

/** A part of an output: new text, or a part of the source with its edits. */
export type Chunk = string | MagicString;

/** A part of the source. `edit` sees the whole of it, and must change only what is inside. */
export function slice(
  { source }: ParsedModule,
  { start, end }: Range,
  edit: (draft: MagicString) => void,
): MagicString {
  const draft = new MagicString(source);
  edit(draft);
  if (start > 0) draft.remove(0, start);
  if (end < source.length) draft.remove(end, source.length);
  return draft;
}

export function join(
  { file }: ParsedModule,
  chunks: readonly Chunk[],
): { readonly code: string; readonly map: string } {
  const bundle = new Bundle({ separator: "" });
  for (const chunk of chunks) {
    if (typeof chunk === "string") bundle.addSource({ content: new MagicString(chunk) });
    else bundle.addSource({ filename: file, content: chunk });
  }
  const map = bundle.generateMap({ hires: "boundary", includeContent: true });
  return { code: bundle.toString(), map: map.toString() };
}
