import { createServer, type InlineConfig, type Plugin, type RunnableDevEnvironment, type ViteDevServer } from "vite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeProject } from "../build/fixtures/project.ts";
import { plugins } from "./plugin.ts";
import type { PluginSettings } from "./options.ts";

let server: ViteDevServer | undefined;

beforeEach(() => vi.stubEnv("WORKFLOW_WORKER", "off"));

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

/** A server of Vite within another one, as frameworks and test runners make them. */
async function serve(config: InlineConfig["server"], settings: PluginSettings = {}): Promise<ViteDevServer> {
  const root = makeProject({ "app.ts": `export const loads = (globalThis.loads = (globalThis.loads ?? 0) + 1);` });
  const shared = [plugins.vite(settings)].flat() as Plugin[];
  // In place of the module that starts a worker.
  const module: Plugin = {
    name: "module",
    enforce: "pre",
    load: { order: "pre", handler: (id) => (id === "\0workflow/server" ? `import "/app.ts";` : undefined) },
  };
  server = await createServer({
    configFile: false,
    root,
    logLevel: "silent",
    server: { middlewareMode: true, ws: false, ...config },
    plugins: [module, ...shared],
  });
  return server;
}

const isLoaded = ({ environments }: ViteDevServer): boolean =>
  environments["ssr"]?.moduleGraph.getModuleById("\0workflow/server") !== undefined;

test("a development server loads the server's module, without a request", async () => {
  const created = await serve({});
  await vi.waitFor(() => expect(isLoaded(created)).toBe(true));
});

test("one that only loads modules for somebody does not", async () => {
  const created = await serve({ hmr: false });
  // What another would have begun to load by now.
  await new Promise(setImmediate);
  await created.ssrLoadModule("/app.ts");
  expect(isLoaded(created)).toBe(false);
});

test.each(["environment", "ssrLoadModule"] as const)("steps come from where the app does: %s", async (development) => {
  const created = await serve({}, { development });
  const loads = (): unknown => (globalThis as { loads?: number }).loads;
  const before = loads();
  await vi.waitFor(() => expect(loads()).not.toBe(before));
  const known = loads();
  const ssr = created.environments["ssr"] as RunnableDevEnvironment;
  const app =
    development === "environment"
      ? await ssr.runner.import<{ loads: number }>("/app.ts")
      : await created.ssrLoadModule("/app.ts");
  expect(app["loads"]).toBe(known);
});
