import { build, type InlineConfig, type Plugin, type Rolldown } from "vite";
import { expect, test } from "vitest";
import { reactRouter } from "./react-router.ts";

/** Modules for a build that needs no file. */
function modules(texts: Readonly<Record<string, string>>, name = "modules"): Plugin {
  return {
    name,
    enforce: "pre",
    resolveId: (id) => (id in texts ? `\0${id}` : undefined),
    load: (id) => texts[id.slice(1)],
  };
}

const FRAMEWORK = modules({
  "virtual:react-router/server-build": `export const routes = { root: { id: "root", path: "" } }; export const ssr = true;`,
});

const PACKAGE = modules({
  "workflow/server": `(globalThis.loaded ??= []).push("workflow/server");`,
  "workflow/http": `export const createWebhookHandler = () => async (request) => "answer to " + request;`,
});

interface ServerBuild {
  readonly ssr: boolean;
  readonly routes: Readonly<
    Record<string, { readonly path: string; readonly module: Record<string, (given: object) => unknown> }>
  >;
}

async function serverBuild(...plugins: readonly Plugin[]): Promise<ServerBuild> {
  const config: InlineConfig = {
    configFile: false,
    logLevel: "silent",
    plugins: [FRAMEWORK, ...plugins, PACKAGE],
    build: { ssr: true, rolldownOptions: { input: "virtual:react-router/server-build" }, write: false },
  };
  const built = (await build(config)) as Rolldown.RolldownOutput;
  return (await import(`data:text/javascript,${encodeURIComponent(built.output[0].code)}`)) as ServerBuild;
}

test("the server build has a route more, which answers webhooks, and imports the server's module", async () => {
  const { routes, ssr } = await serverBuild(reactRouter());
  expect(ssr).toBe(true);
  expect(Object.keys(routes)).toEqual(["root", "workflow"]);
  const webhook = routes["workflow"];
  expect(webhook?.path).toBe(".well-known/workflow/v1/*");
  expect(await webhook?.module["loader"]?.({ request: "GET" })).toBe("answer to GET");
  expect(await webhook?.module["action"]?.({ request: "POST" })).toBe("answer to POST");
  expect((globalThis as { loaded?: string[] }).loaded).toEqual(["workflow/server"]);
});

test("where Nitro is the server, the server build stays as it is", async () => {
  const { routes } = await serverBuild({ name: "nitro:main" }, reactRouter());
  expect(Object.keys(routes)).toEqual(["root"]);
});
