import { posix } from "node:path";
import type { Framework } from "../plan.ts";
import { scriptsEdit } from "../scripts.ts";
import { appFiles } from "./app-files.ts";
import { type Addition, type Dialect, helloWorkflow, importedExtension, nodeDialectOf, starterOf } from "../starter.ts";

/** No framework, or one that is not known here: a small server of its own has the routes. */
export const node: Framework = {
  name: "node",
  title: "Node.js without a framework",
  packages: [],
  contains: [],
  plan(project) {
    const dialect = nodeDialectOf(project);
    const [main] = appFiles(project);
    const folder = main === undefined ? "." : posix.dirname(main);
    const server = posix.join(folder, `hello-server.${dialect.extension}`);
    const starter = starterOf(project, [
      helloWorkflow(posix.join(folder, "workflows"), dialect),
      { path: server, text: serverText(dialect) },
    ]);
    const script = ["hello", `node --import workflow/register ${server}`] as const;
    return {
      edits: [scriptsEdit(project, starter.status === "wanted" ? script : undefined)],
      starter,
      notes: [],
      address: "http://localhost:3000/api/hello",
      start: "npm run hello",
    };
  },
};

function serverText(dialect: Dialect): Addition["text"] {
  const { as, type } = dialect;
  return `import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { hello } from "./workflows/hello${importedExtension(dialect)}";

const server = createServer(async (request, response) => {
  const answer = (status${type("number")}, body${type("object")})${type("void")} => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  try {
    const { name, runId, text } = ${as("await json(request)", "{ name: string; runId: string; text: string }")};
    if (request.url === "/api/hello/start") {
      const run = await start(hello, [name]);
      answer(202, { runId: run.runId });
    } else if (request.url === "/api/hello/resume") {
      await resumeHook(\`hello:\${runId}\`, { text });
      answer(200, { runId });
    } else {
      answer(404, { error: "There is nothing here" });
    }
  } catch (error) {
    answer(HookNotFoundError.is(error) ? 404 : 500, { error: String(error) });
  }
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("listening on", server.address()));
`;
}
