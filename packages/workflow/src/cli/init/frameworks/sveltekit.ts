import { addEntry, type Entry } from "../add-entry.ts";
import { type Framework, PARTS } from "../plan.ts";
import { dependsOn } from "../project.ts";
import { dialectOf, starterOf } from "../starter.ts";
import { fetchRoutes } from "./fetch-routes.ts";

const ENTRY: Entry = {
  list: "plugins",
  item: "workflowPlugin()",
  place: "last",
  module: "workflow/sveltekit",
  import: { names: "{ workflowPlugin }", from: "workflow/sveltekit" },
};

export const sveltekit: Framework = {
  name: "sveltekit",
  title: "SvelteKit",
  packages: ["@sveltejs/kit"],
  config: "svelte.config",
  contains: PARTS,
  plan(project) {
    const dialect = dialectOf(project);
    const typed = dialect.extension === "ts";
    const routes = {
      workflows: "src/workflows",
      file: (name: string) => `src/routes/api/hello/${name}/+server`,
      imports: typed ? 'import type { RequestHandler } from "./$types";\n' : "",
      before: () => `export const POST${dialect.type("RequestHandler")} = async ({ request }) => {`,
      after: "};",
      depth: 2,
    };
    return {
      edits: [addEntry(project, "vite.config", ENTRY)],
      starter: starterOf(project, fetchRoutes(routes, dialect)),
      notes: dependsOn(project.manifest, "@sveltejs/adapter-auto")
        ? ["A production build that is a server of its own needs @sveltejs/adapter-node in place of adapter-auto"]
        : [],
      address: "http://localhost:5173/api/hello",
      start: "npm run dev",
    };
  },
};
