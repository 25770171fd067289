import { rangeOf, type ParsedModule, type Range } from "./ast.ts";

/** What stands before the first code of a module. */
export interface Preamble {
  /** Comments, some of which tools look for at the top of a file. */
  readonly comments: Range;
  /** Everything, with the hashbang and directives such as "use client": generated code may begin here. */
  readonly end: number;
}

export function preambleOf({ program, source }: ParsedModule): Preamble {
  const [first] = program.body;
  const start = program.hashbang?.end ?? 0;
  if (first === undefined) return { comments: { start, end: source.length }, end: source.length };
  const comments = { start, end: rangeOf(first).start };
  const directives = program.body.filter(
    (statement) => statement.type === "ExpressionStatement" && typeof statement.directive === "string",
  );
  return { comments, end: directives.at(-1)?.end ?? comments.end };
}
