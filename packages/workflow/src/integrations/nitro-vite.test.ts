import { expect, test } from "vitest";
import { nitro } from "./nitro-vite.ts";

/** As Nitro's plugin for Vite gives it to the modules that it finds among Vite's plugins. */
function builder(preset: string) {
  const hooks: string[] = [];
  const options = { rootDir: import.meta.dirname, dev: false, preset, handlers: [], plugins: [], virtual: {} };
  return { options, hooks: { hook: (name: string) => void hooks.push(name) }, asked: hooks };
}

test("Nitro's server has the engine's addresses and starts with the server's module, which Vite's own plugin provides", () => {
  const { options, asked, ...rest } = builder("node-server");
  nitro().nitro.setup({ options, ...rest });
  expect(options.handlers).toMatchObject([{ route: "/.well-known/workflow/v1/**" }]);
  const [plugin = ""] = options.plugins;
  expect((options.virtual as Record<string, string>)[plugin]).toContain('import "workflow/server"');
  expect(options).toMatchObject({ traceDeps: expect.arrayContaining(["workflow"]) });
  expect(asked).toEqual([]);
});

test("what renders pages in advance has no worker", () => {
  const { options, ...rest } = builder("nitro-prerender");
  nitro().nitro.setup({ options, ...rest });
  expect(options.plugins).toEqual([]);
});
