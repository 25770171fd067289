import { posix } from "node:path";
import type { Expression, Node, Statement } from "oxc-parser";
import type { Edit, Framework } from "../plan.ts";
import type { Project } from "../project.ts";
import { scriptsEdit } from "../scripts.ts";
import { addImport, spellingOf } from "../source/imports.ts";
import { openSource, saysText, type Source } from "../source/source.ts";
import { type Dialect, helloWorkflow, importedExtension, nodeDialectOf, starterOf } from "../starter.ts";
import { appFiles } from "./app-files.ts";
import { expressRoutes, fastifyRoutes, honoRoutes } from "./server-routes.ts";

/** A server that Node runs as it is written. */
interface Server {
  readonly name: string;
  readonly title: string;
  readonly isCreation: (value: Expression) => boolean;
  /** The call by which an app gets the routes. */
  readonly mount: (app: string) => string;
  /** The module that exports them as `helloRoutes`. */
  readonly routes: (dialect: Dialect) => string;
}

const isCall = (value: Expression, names: readonly string[]): boolean =>
  (value.type === "CallExpression" || value.type === "NewExpression") &&
  value.callee.type === "Identifier" &&
  names.includes(value.callee.name);

const SERVERS: readonly Server[] = [
  {
    name: "hono",
    title: "Hono",
    isCreation: (value) => isCall(value, ["Hono"]),
    mount: (app) => `${app}.route("/api/hello", helloRoutes)`,
    routes: honoRoutes,
  },
  {
    name: "express",
    title: "Express",
    isCreation: (value) => isCall(value, ["express"]),
    mount: (app) => `${app}.use("/api/hello", helloRoutes)`,
    routes: expressRoutes,
  },
  {
    name: "fastify",
    title: "Fastify",
    isCreation: (value) => isCall(value, ["fastify", "Fastify"]),
    mount: (app) => `${app}.register(helloRoutes, { prefix: "/api/hello" })`,
    routes: fastifyRoutes,
  },
];

export const servers: readonly Framework[] = SERVERS.map((server) => ({
  name: server.name,
  title: server.title,
  packages: [server.name],
  contains: [],
  plan(project) {
    const dialect = nodeDialectOf(project);
    const place = placeOf(project, server);
    const folder = place === undefined ? "." : posix.dirname(place.path);
    const starter = starterOf(project, [
      helloWorkflow(posix.join(folder, "workflows"), dialect),
      { path: posix.join(folder, `routes/hello.${dialect.extension}`), text: server.routes(dialect) },
    ]);
    const from = `./routes/hello${importedExtension(dialect)}`;
    const mounted = place !== undefined && starter.status === "wanted" ? [mountEdit(place, server, from)] : [];
    const byHand = `Mount the routes in your app: import { helloRoutes } from "${from}"; ${server.mount("app")}`;
    return {
      edits: [scriptsEdit(project), ...mounted],
      starter,
      notes: place === undefined ? [byHand] : [],
      ...(place !== undefined && { address: "http://localhost:3000/api/hello" }),
      start: project.manifest.scripts?.["dev"] === undefined ? "npm start" : "npm run dev",
    };
  },
}));

interface Place {
  readonly path: string;
  readonly source: Source;
  readonly app: string;
  readonly statement: Statement;
}

/** Where the app is made. */
function placeOf(project: Project, { isCreation }: Server): Place | undefined {
  for (const path of appFiles(project)) {
    const source = openSource(path, project.read(path) ?? "");
    for (const statement of source?.program.body ?? []) {
      const app = nameOf(statement, isCreation);
      if (source !== undefined && app !== undefined) return { path, source, app, statement };
    }
  }
  return undefined;
}

function nameOf(statement: Node, isCreation: Server["isCreation"]): string | undefined {
  const node = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (node?.type !== "VariableDeclaration") return undefined;
  const made = node.declarations.find(({ init }) => init !== null && isCreation(init));
  return made?.id.type === "Identifier" ? made.id.name : undefined;
}

function mountEdit({ path, source, app, statement }: Place, { mount }: Server, from: string): Edit {
  if (saysText(source, from)) return { path, outcome: { status: "done" } };
  const { quote, semicolon } = spellingOf(source);
  const call = mount(app).replaceAll('"', quote) + semicolon;
  source.output.appendLeft(statement.end, `\n${call}`);
  addImport(source, { names: "{ helloRoutes }", from });
  return { path, outcome: { status: "edited", text: source.output.toString() } };
}
