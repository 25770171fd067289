import { addEntry, type Entry } from "../add-entry.ts";
import type { Framework, Plan } from "../plan.ts";
import { dependsOn, type Project } from "../project.ts";
import { dialectOf, helloWorkflow, starterOf } from "../starter.ts";
import { NITRO_HANDLERS, nitroRoutes } from "./nitro-routes.ts";
import { withServerFolder } from "./server-folder.ts";

/** Before the other plugins, which are then given code without directives. */
export const VITE_ENTRY: Entry = {
  list: "plugins",
  item: "workflow()",
  place: "first",
  module: "workflow/vite",
  import: { names: "{ workflow }", from: "workflow/vite" },
};

const CREATED = `import { defineConfig } from "vite";
import { workflow } from "workflow/vite";

export default defineConfig({
  plugins: [workflow()],
});
`;

/** Vite, with the server of Nitro or with one of the app's own. */
export const vite: Framework = {
  name: "vite",
  title: "Vite",
  packages: [],
  config: "vite.config",
  contains: ["nitro"],
  plan: (project) => (dependsOn(project.manifest, "nitro") ? planWithNitro(project) : planAlone(project)),
};

function planWithNitro(project: Project): Plan {
  const { edit, folder } = withServerFolder(project, addEntry(project, "vite.config", VITE_ENTRY, CREATED), "nitro");
  const routes = { folder, workflows: "workflows", handlers: NITRO_HANDLERS };
  return {
    edits: [edit],
    starter: starterOf(project, nitroRoutes(routes, dialectOf(project))),
    notes: [],
    address: "http://localhost:3000/api/hello",
    start: "npm run dev",
  };
}

function planAlone(project: Project): Plan {
  return {
    edits: [addEntry(project, "vite.config", VITE_ENTRY, CREATED)],
    starter: starterOf(project, [helloWorkflow("workflows", dialectOf(project))]),
    notes: [
      "Vite alone has no routes of a server: call start(hello, [name]) and resumeHook(token, payload) of workflow/api where your server answers requests",
    ],
    start: "npm run dev",
  };
}
