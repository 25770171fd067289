import {
  type Addition,
  type Dialect,
  helloWorkflow,
  importPath,
  indented,
  resumeLines,
  RESUME_IMPORTS,
  startImports,
  startLines,
} from "../starter.ts";

/** Routes that are modules, each with a function from the request to the response. */
export interface FetchRoutes {
  readonly workflows: string;
  /** The file of one of the two, without its extension. */
  readonly file: (name: string) => string;
  /** An import of what the module needs besides. */
  readonly imports: string;
  /** Around the function's statements, which are as far in as `depth` says. */
  readonly before: (name: string) => string;
  readonly after: string;
  readonly depth: number;
}

/** The first workflow, and the two routes. */
export function fetchRoutes(routes: FetchRoutes, dialect: Dialect): Addition[] {
  const { workflows, file, imports, before, after, depth } = routes;
  const module = (name: string, own: string, lines: readonly string[]): Addition => ({
    path: `${file(name)}.${dialect.extension}`,
    text: `${imports}${own}\n\n${before(name)}\n${indented(lines, depth)}\n${after}\n`,
  });
  const hello = importPath(file("start"), `${workflows}/hello`);
  return [
    helloWorkflow(workflows, dialect),
    module("start", startImports(hello), startLines(dialect)),
    module("resume", RESUME_IMPORTS, resumeLines(dialect)),
  ];
}
