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

export interface Handlers {
  /** An import, where the function that makes a handler is not known without. */
  readonly imports: string;
  readonly define: string;
  /** How a handler reads JSON. */
  readonly body: string;
}

export interface Routes {
  /** Of the server, where `api` is; `.` for the app's. */
  readonly folder: string;
  readonly workflows: string;
  readonly handlers: Handlers;
}

/** The first workflow, and routes that are found by their file names. */
export function nitroRoutes({ folder, workflows, handlers }: Routes, dialect: Dialect): Addition[] {
  const { imports, define, body } = handlers;
  const handler = (lines: readonly string[]): string =>
    `export default ${define}(async (event) => {\n${indented(lines, 2)}\n});\n`;
  const api = folder === "." ? "api" : `${folder}/api`;
  const route = (name: string): string => `${api}/hello/${name}.post.${dialect.extension}`;
  const startRoute = route("start");
  const hello = importPath(startRoute, `${workflows}/hello`);
  return [
    helloWorkflow(workflows, dialect),
    { path: startRoute, text: `${imports}${startImports(hello)}\n\n${handler(startLines(dialect, body))}` },
    { path: route("resume"), text: `${imports}${RESUME_IMPORTS}\n\n${handler(resumeLines(dialect, body))}` },
  ];
}

export const NITRO_HANDLERS: Handlers = {
  imports: 'import { defineHandler } from "nitro";\n',
  define: "defineHandler",
  body: "event.req.json()",
};
