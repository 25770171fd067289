import { describe, expect, test } from "vitest";
import { type App, manifest, openApp } from "../support/init/app.ts";

describe("a list of plugins", () => {
  const vite = (config: string): App => openApp({ "package.json": manifest({ vite: "7" }), "vite.config.mjs": config });
  test.each([
    ["is empty", "export default { plugins: [] };", "export default { plugins: [workflow()] };"],
    ["is not there", "export default { base: './' }", "export default { plugins: [workflow()], base: './' }"],
    [
      "has a comma behind its end",
      "export default { plugins: [a(), ] };",
      "export default { plugins: [workflow(), a(), ] };",
    ],
    [
      "has lines",
      "export default {\n\tplugins: [\n\t\ta(), // one\n\t],\n};",
      "export default {\n\tplugins: [\n\t\tworkflow(),\n\t\ta(), // one\n\t],\n};",
    ],
    [
      "is of a constant, with a type",
      "const config = /* all */ { plugins: [a()] };\nexport default config;",
      "const config = /* all */ { plugins: [workflow(), a()] };\nexport default config;",
    ],
    [
      "is what a function returns",
      "export default defineConfig(async () => { const env = load(() => { return 1 }); return { plugins: [a()] } })",
      "export default defineConfig(async () => { const env = load(() => { return 1 }); return { plugins: [workflow(), a()] } })",
    ],
  ])("that %s gets the plugin", async (_what, before, after) => {
    const app = vite(before);
    await app.init();
    expect(app.read("vite.config.mjs")).toMatch(/^import { workflow } from ["']workflow\/vite["'];?\n\n/);
    expect(app.read("vite.config.mjs").replace(/^import.*\n\n/, "")).toBe(after);
  });

  test.each([
    [
      "that comes from elsewhere",
      "export default { plugins: plugins() };",
      "its plugins are not written out as a list",
    ],
    [
      "that may be in a spread",
      "export default { ...base };",
      "its plugins may come from the object that is spread in it",
    ],
    ["of a merge", "export default mergeConfig(base, { plugins: [] });", "what it exports is not one object"],
    [
      "of one of two",
      "export default () => { if (x) return { plugins: [] }; return { plugins: [] } };",
      "is not one object",
    ],
    ["of a function that returns itself", "const a = () => a; export default a;", "is not one object"],
    ["that does not parse", "export default { plugins: [", "it cannot be parsed"],
  ])("%s is left to the user, with the lines to add", async (_what, config, why) => {
    const app = vite(config);
    const { whole, said } = await app.init();
    expect(whole).toBe(false);
    expect(said).toContain(`vite.config.mjs is left to you, because `);
    expect(said).toContain(why);
    expect(said).toContain('  import { workflow } from "workflow/vite";\n  plugins: [workflow(), ...]');
    expect(app.read("vite.config.mjs")).toBe(config);
    expect(app.read("workflows/hello.js")).toContain('"use workflow"');

    expect(await app.init()).toMatchObject({ whole: false, diff: "" });
    app.write(
      "vite.config.mjs",
      'import { workflow } from "workflow/vite";\nexport default mergeConfig(base, { plugins: [workflow()] });',
    );
    expect(await app.init()).toMatchObject({ whole: true, said: expect.stringContaining("Nothing to do") });
  });
});

describe("a config that cannot be wrapped", () => {
  test.each([
    ["export { config as default } from './other.mjs';", "it does not export one value in one place"],
    ["export default class Config {}", "it exports a class"],
    ["export default function config() { return {} }\nconfig.extra = 1;", "is used elsewhere in it"],
  ])("%s", async (config, why) => {
    const app = openApp({ "package.json": manifest({ next: "16" }), "next.config.mjs": config });
    const { whole, said } = await app.init();
    expect({ whole, text: app.read("next.config.mjs") }).toEqual({ whole: false, text: config });
    expect(said).toContain(why);
    expect(said).toContain("  export default withWorkflow(nextConfig);");
  });
});
