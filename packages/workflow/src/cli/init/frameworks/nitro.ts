import { addEntry, type Entry } from "../add-entry.ts";
import type { Framework } from "../plan.ts";
import { dialectOf, starterOf } from "../starter.ts";
import { NITRO_HANDLERS, nitroRoutes } from "./nitro-routes.ts";
import { withServerFolder } from "./server-folder.ts";

const ENTRY: Entry = { list: "modules", item: '"workflow/nitro"', place: "last", module: "workflow/nitro" };
const CREATED = `import { defineConfig } from "nitro";

export default defineConfig({
  serverDir: "./server",
  modules: ["workflow/nitro"],
});
`;

export const nitro: Framework = {
  name: "nitro",
  title: "Nitro",
  packages: ["nitro"],
  config: "nitro.config",
  contains: ["hono", "express", "fastify"],
  plan(project) {
    const { edit, folder } = withServerFolder(project, addEntry(project, "nitro.config", ENTRY, CREATED));
    const routes = { folder, workflows: "workflows", handlers: NITRO_HANDLERS };
    return {
      edits: [edit],
      starter: starterOf(project, nitroRoutes(routes, dialectOf(project))),
      notes: [],
      address: "http://localhost:3000/api/hello",
      start: "npm run dev",
    };
  },
};
