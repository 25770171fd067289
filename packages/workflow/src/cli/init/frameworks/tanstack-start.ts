import { addEntry } from "../add-entry.ts";
import { type Framework, PARTS } from "../plan.ts";
import { dependsOn } from "../project.ts";
import { dialectOf, starterOf } from "../starter.ts";
import { fetchRoutes } from "./fetch-routes.ts";
import { VITE_ENTRY } from "./vite.ts";

const SOLID = "@tanstack/solid-start";

export const tanstackStart: Framework = {
  name: "tanstack-start",
  title: "TanStack Start",
  packages: ["@tanstack/react-start", SOLID],
  contains: PARTS,
  plan(project) {
    const router = dependsOn(project.manifest, SOLID) ? "@tanstack/solid-router" : "@tanstack/react-router";
    const routes = {
      workflows: "src/workflows",
      file: (name: string) => `src/routes/api/hello/${name}`,
      imports: `import { createFileRoute } from "${router}";\n`,
      before: (name: string) =>
        `export const Route = createFileRoute("/api/hello/${name}")({\n  server: {\n    handlers: {\n      POST: async ({ request }) => {`,
      after: "      },\n    },\n  },\n});",
      depth: 8,
    };
    return {
      edits: [addEntry(project, "vite.config", VITE_ENTRY)],
      starter: starterOf(project, fetchRoutes(routes, dialectOf(project))),
      notes: [],
      address: "http://localhost:3000/api/hello",
      start: "npm run dev",
    };
  },
};
