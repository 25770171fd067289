import { configNames } from "../detect.ts";
import { editFile } from "../edit-file.ts";
import { type Edit, type Framework, PARTS } from "../plan.ts";
import { firstFile, type Project } from "../project.ts";
import { addImport } from "../source/imports.ts";
import { wrapExport } from "../source/exported.ts";
import type { Source } from "../source/source.ts";
import type { Obstacle } from "../source/lists.ts";
import {
  type Addition,
  dialectOf,
  helloWorkflow,
  importPath,
  indented,
  resumeLines,
  RESUME_IMPORTS,
  startImports,
  startLines,
  starterOf,
} from "../starter.ts";

export const next: Framework = {
  name: "next",
  title: "Next.js",
  packages: ["next"],
  config: "next.config",
  contains: PARTS,
  plan(project) {
    const folder = hasSource(project) ? "src/" : "";
    return {
      edits: [configEdit(project)],
      starter: starterOf(project, additionsIn(folder, project)),
      notes: notesOn(project, folder),
      address: "http://localhost:3000/api/hello",
      start: "npm run dev",
    };
  },
};

function configEdit(project: Project): Edit {
  const path = firstFile(project, configNames("next.config"));
  if (path === undefined) return { path: newConfig(project), outcome: { status: "edited", text: NEW_CONFIG } };
  return editFile(project, path, {
    sign: "workflow/next",
    edit: wrapConfig,
    byHand: 'import { withWorkflow } from "workflow/next";\nexport default withWorkflow(nextConfig);',
  });
}

function newConfig({ typescript }: Project): string {
  return typescript ? "next.config.ts" : "next.config.mjs";
}

const NEW_CONFIG = 'import { withWorkflow } from "workflow/next";\n\nexport default withWorkflow({});\n';

function wrapConfig(source: Source): Obstacle {
  const obstacle = wrapExport(source, "withWorkflow");
  if (obstacle === undefined) addImport(source, { names: "{ withWorkflow }", from: "workflow/next" });
  return obstacle;
}

/** Next.js takes `src/app` and `src/pages`, but not when there is one of them at the top. */
function hasSource({ read }: Project): boolean {
  const pages = ["app/layout", "app/page", "pages/_app", "pages/index"];
  const there = (beginning: string): boolean =>
    ["tsx", "jsx", "ts", "js"].some((extension) => read(`${beginning}.${extension}`) !== undefined);
  return !pages.some(there) && pages.some((page) => there(`src/${page}`));
}

function additionsIn(folder: string, project: Project): Addition[] {
  const dialect = dialectOf(project);
  const handler = (lines: readonly string[]): string =>
    `export async function POST(request${dialect.type("Request")})${dialect.type("Promise<Response>")} {\n${indented(lines, 2)}\n}\n`;
  const workflows = `${folder}workflows`;
  const route = (name: string): string => `${folder}app/api/hello/${name}/route.${dialect.extension}`;
  return [
    helloWorkflow(workflows, dialect),
    {
      path: route("start"),
      text: `${startImports(importPath(route("start"), `${workflows}/hello`))}\n\n${handler(startLines(dialect))}`,
    },
    { path: route("resume"), text: `${RESUME_IMPORTS}\n\n${handler(resumeLines(dialect))}` },
  ];
}

function notesOn(project: Project, folder: string): string[] {
  const names = ["proxy", "middleware"].flatMap((name) => [`${folder}${name}.ts`, `${folder}${name}.js`]);
  const path = firstFile(project, names);
  return path === undefined ? [] : [`See that the matcher of ${path} leaves out .well-known/workflow/`];
}
