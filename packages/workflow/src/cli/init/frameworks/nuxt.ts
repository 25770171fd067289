import { addEntry, type Entry } from "../add-entry.ts";
import { type Framework, PARTS } from "../plan.ts";
import { dialectOf, starterOf } from "../starter.ts";
import { type Handlers, nitroRoutes } from "./nitro-routes.ts";

const ENTRY: Entry = { list: "modules", item: '"workflow/nuxt"', place: "last", module: "workflow/nuxt" };
const CREATED = 'export default defineNuxtConfig({\n  modules: ["workflow/nuxt"],\n});\n';

/** Nuxt itself provides both names. */
const HANDLERS: Handlers = { imports: "", define: "defineEventHandler", body: "readBody(event)" };

export const nuxt: Framework = {
  name: "nuxt",
  title: "Nuxt",
  packages: ["nuxt"],
  config: "nuxt.config",
  contains: PARTS,
  plan(project) {
    const routes = { folder: "server", workflows: "server/workflows", handlers: HANDLERS };
    return {
      edits: [addEntry(project, "nuxt.config", ENTRY, CREATED)],
      starter: starterOf(project, nitroRoutes(routes, dialectOf(project))),
      notes: [],
      address: "http://localhost:3000/api/hello",
      start: "npm run dev",
    };
  },
};
