import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin, resolveConfig, type Rolldown, type UserConfig } from "vite";
import { expect, test } from "vitest";
import { makeProject } from "../build/fixtures/project.ts";
import { type AstroOptions, workflow } from "./astro.ts";

interface Configured {
  readonly vite: UserConfig;
  readonly routes: readonly { readonly pattern: string; readonly entrypoint: URL; readonly prerender: boolean }[];
}

/** What Astro has once the integration was asked. */
function configure(options?: AstroOptions): Configured {
  const routes: Configured["routes"][number][] = [];
  const codegen = pathToFileURL(`${makeProject({})}/`);
  let vite: UserConfig = {};
  workflow(options).hooks["astro:config:setup"]({
    updateConfig: (config) => ({ vite } = config as { vite: UserConfig }),
    injectRoute: (route) => routes.push(route),
    createCodegenDir: () => codegen,
  });
  return { vite, routes };
}

test("one route has all addresses, and is not rendered in advance", async () => {
  const { routes } = configure();
  expect(routes.map(({ pattern, prerender }) => ({ pattern, prerender }))).toEqual([
    { pattern: "/.well-known/workflow/v1/[...path]", prerender: false },
  ]);
  const text = readFileSync(fileURLToPath(routes[0]?.entrypoint as URL), "utf8");
  const handler = `const createWebhookHandler = () => (request) => "answer to " + request;`;
  const code = text.replace(/^import .*$/m, handler);
  const { ALL, prerender } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    ALL: (context: { request: string }) => string;
    prerender: boolean;
  };
  expect([ALL({ request: "PUT" }), prerender]).toEqual(["answer to PUT", false]);
});

const FRAMEWORK: Plugin = {
  name: "framework",
  enforce: "pre",
  resolveId: (id) => (/^(?:astro|workflow)\/|^entry$/.test(id) ? `\0${id}` : undefined),
  load: (id) =>
    ({
      "\0entry": `import { createApp } from "astro/app/entrypoint"; export const app = createApp({ streaming: "streaming" });`,
      "\0astro/app/entrypoint": `class App {
  constructor({ streaming }) { this.says = streaming; }
  render(request, options) { return this.says + " of " + request + " with " + options; }
}
export const createApp = (options) => new App(options);`,
      "\0astro/app/entrypoint/prod": `export const createApp = () => "another";`,
      "\0workflow/server": `globalThis.loadedByAstro = true;`,
      "\0workflow/runtime": `export const withWebhooks = ({ fetch }) => ({ fetch: (...given) => "first, then " + fetch(...given) });`,
    })[id],
};

async function buildServer(input: string): Promise<Rolldown.RolldownOutput> {
  const mounted = (configure().vite.plugins as Plugin[]).filter(({ name }) => name === "workflow:astro");
  return (await build({
    configFile: false,
    logLevel: "silent",
    plugins: [...mounted, FRAMEWORK],
    build: { ssr: true, rolldownOptions: { input }, sourcemap: false, write: false },
  })) as Rolldown.RolldownOutput;
}

test("a server that makes its app in another way fails the build", async () => {
  await expect(buildServer("astro/app/entrypoint/prod")).rejects.toThrow(/does not get its app from/);
});

test("the server's app answers webhooks before it renders, and imports the server's module", async () => {
  const built = await buildServer("entry");
  const { app } = (await import(`data:text/javascript,${encodeURIComponent(built.output[0].code)}`)) as {
    app: { render(request: string, options: string): string };
  };
  expect(app.render("/a", "options")).toBe("first, then streaming of /a with options");
  expect((globalThis as { loadedByAstro?: boolean }).loadedByAstro).toBe(true);
});

test.each([
  ["has source maps", {}, {}, true],
  ["has what Vite's options say", {}, { build: { sourcemap: "hidden" } }, "hidden"],
  ["has what the integration's option says", { sourcemap: false }, { build: { sourcemap: true } }, false],
] as const)("the built server %s", async (_title, options, config, expected) => {
  const plugins = (configure(options).vite.plugins as Plugin[]).filter(({ name }) => name === "workflow:astro");
  const { environments } = await resolveConfig({ configFile: false, ...config, plugins }, "build");
  expect(environments["ssr"]?.build.sourcemap).toBe(expected);
});
