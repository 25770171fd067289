import { addEntry, type Entry } from "../add-entry.ts";
import { configNames } from "../detect.ts";
import { type Framework, PARTS } from "../plan.ts";
import { firstFile, type Project } from "../project.ts";
import { exportedObject } from "../source/exported.ts";
import { propertyOf } from "../source/lists.ts";
import { openSource } from "../source/source.ts";
import { dialectOf, starterOf } from "../starter.ts";
import { fetchRoutes } from "./fetch-routes.ts";

const ENTRY: Entry = {
  list: "integrations",
  item: "workflow()",
  place: "last",
  module: "workflow/astro",
  import: { names: "workflow", from: "workflow/astro" },
};
const CREATED = `import { defineConfig } from "astro/config";
import workflow from "workflow/astro";

export default defineConfig({
  integrations: [workflow()],
});
`;

export const astro: Framework = {
  name: "astro",
  title: "Astro",
  packages: ["astro"],
  config: "astro.config",
  contains: PARTS,
  plan(project) {
    const dialect = dialectOf(project);
    const typed = dialect.extension === "ts";
    const routes = {
      workflows: "src/workflows",
      file: (name: string) => `src/pages/api/hello/${name}`,
      imports: typed ? 'import type { APIRoute } from "astro";\n' : "",
      before: () =>
        `export const prerender = false;\n\nexport const POST${dialect.type("APIRoute")} = async ({ request }) => {`,
      after: "};",
      depth: 2,
    };
    return {
      edits: [addEntry(project, "astro.config", ENTRY, CREATED)],
      starter: starterOf(project, fetchRoutes(routes, dialect)),
      notes: hasAdapter(project) ? [] : ["A production build with routes needs an adapter: npx astro add node"],
      address: "http://localhost:4321/api/hello",
      start: "npm run dev",
    };
  },
};

function hasAdapter(project: Project): boolean {
  const path = firstFile(project, configNames("astro.config"));
  const source = path === undefined ? undefined : openSource(path, project.read(path) ?? "");
  const config = source === undefined ? undefined : exportedObject(source);
  return config !== undefined && propertyOf(config, "adapter") !== undefined;
}
