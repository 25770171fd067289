import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

export interface Position {
  /** As the source map names it. */
  readonly source: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

/** Follows a source map (JSON) back; `line` is 1-based, `column` 0-based, as in parsers' positions. */
export function originalPosition(map: string, line: number, column: number): Position | undefined {
  const found = originalPositionFor(new TraceMap(map), { line, column });
  return found.source === null ? undefined : { source: found.source, line: found.line, column: found.column + 1 };
}

/** 1-based line and 0-based column of an offset. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length };
}
