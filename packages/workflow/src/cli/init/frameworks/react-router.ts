import { addEntry } from "../add-entry.ts";
import { configNames } from "../detect.ts";
import { editFile } from "../edit-file.ts";
import { type Edit, type Framework, PARTS } from "../plan.ts";
import { firstFile, type Project } from "../project.ts";
import { exportedMeaning } from "../source/exported.ts";
import { addImport } from "../source/imports.ts";
import { appendLines, type Obstacle } from "../source/lists.ts";
import { saysText, type Source, textOf } from "../source/source.ts";
import { type Dialect, dialectOf, starterOf } from "../starter.ts";
import { fetchRoutes } from "./fetch-routes.ts";
import { VITE_ENTRY } from "./vite.ts";

const ROUTES = "@react-router/dev/routes";

export const reactRouter: Framework = {
  name: "react-router",
  title: "React Router",
  packages: ["@react-router/dev"],
  config: "react-router.config",
  contains: PARTS,
  plan(project) {
    const dialect = dialectOf(project);
    const typed = dialect.extension === "ts";
    const starter = starterOf(
      project,
      fetchRoutes(
        {
          workflows: "workflows",
          file: (name) => `app/routes/api.hello.${name}`,
          imports: typed ? 'import type { ActionFunctionArgs } from "react-router";\n' : "",
          before: () =>
            `export async function action({ request }${dialect.type("ActionFunctionArgs")})${dialect.type("Promise<Response>")} {`,
          after: "}",
          depth: 2,
        },
        dialect,
      ),
    );
    return {
      edits: [
        addEntry(project, "vite.config", VITE_ENTRY),
        ...(starter.status === "wanted" ? routesEdits(project, dialect) : []),
      ],
      starter,
      notes: [],
      address: "http://localhost:5173/api/hello",
      start: "npm run dev",
    };
  },
};

/** Routes that are found by their file names need no entry. */
function routesEdits(project: Project, { extension }: Dialect): Edit[] {
  const path = firstFile(project, configNames("app/routes")) ?? `app/routes.${extension}`;
  const entries = ["start", "resume"].map(
    (name) => `route("api/hello/${name}", "routes/api.hello.${name}.${extension}")`,
  );
  const edit = editFile(project, path, {
    sign: `routes/api.hello.start.${extension}`,
    edit: (source) => addRoutes(source, entries),
    byHand: entries.map((entry) => `${entry},`).join("\n"),
  });
  return project.read(path)?.includes("flatRoutes") === true ? [] : [edit];
}

function addRoutes(source: Source, entries: readonly string[]): Obstacle {
  const list = exportedMeaning(source);
  if (list?.type !== "ArrayExpression") return "what it exports is not one list";
  appendLines(source, list, entries);
  importRoute(source);
  return undefined;
}

function importRoute(source: Source): void {
  const { program, output } = source;
  const imported = program.body.find((node) => node.type === "ImportDeclaration" && node.source.value === ROUTES);
  const last = imported?.type === "ImportDeclaration" ? imported.specifiers.at(-1) : undefined;
  if (imported === undefined || last?.type !== "ImportSpecifier" || !saysText(source, ROUTES)) {
    addImport(source, { names: "{ route }", from: ROUTES });
  } else if (!/\broute\b/.test(textOf(source, imported))) {
    output.appendLeft(last.end, ", route");
  }
}
