import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseModule } from "../../packages/workflow/src/compiler/ast.ts";
import { FRAMEWORKS } from "../../packages/workflow/src/cli/init/frameworks.ts";
import { type App, openApp, PROJECTS } from "../support/init/app.ts";
import { evaluate } from "../support/init/evaluate.ts";

describe("in every kind of project", () => {
  test.each(PROJECTS)("%s: what is shown is what is written, and then there is nothing to do", async (project) => {
    const app = openApp(project);
    const before = app.files();
    const { whole, diff } = await app.init();
    expect(whole).toBe(true);
    const after = app.files();

    expect(after).not.toEqual(before);

    const copy = openApp(project);
    execFileSync("git", ["apply", "-"], { cwd: copy.folder, input: `${diff}\n` });
    expect(copy.files()).toEqual(after);

    expect(await app.init({})).toEqual({ whole: true, said: expect.stringContaining("Nothing to do"), diff: "" });
    expect(app.files()).toEqual(after);
  });

  test.each(PROJECTS)("%s: every file that is written parses, and imports what is there", async (project) => {
    const app = openApp(project);
    const before = app.files();
    await app.init();
    const written = Object.entries(app.files()).filter(([path, text]) => before[path] !== text);
    for (const [path, text] of written.filter(([name]) => /\.[cm]?[jt]sx?$/.test(name))) {
      expect(parseModule(text, path), path).toMatchObject({ status: "parsed" });
      for (const [, specifier = ""] of text.matchAll(/^import .* from ["'](\..*hello.*)["']/gm)) {
        const base = join(app.folder, dirname(path), specifier.replace(/\.js$/, ""));
        expect(
          ["", ".ts", ".js"].some((extension) => existsSync(base + extension)),
          `${path}: ${specifier}`,
        ).toBe(true);
      }
    }
    const texts = written.map(([, text]) => text).join("\n");
    const routes = project === "vite" ? [] : ["start(hello, [", "resumeHook(`hello:${runId}`"];
    for (const part of ['"use workflow"', '"use step"', ...routes]) expect(texts).toContain(part);
  });

  test("all frameworks but the plain one have such a project", () => {
    const names = PROJECTS.map((project) => FRAMEWORKS.find(({ name }) => project.startsWith(name))?.name);
    expect(new Set(names)).toEqual(new Set(FRAMEWORKS.map(({ name }) => name)));
  });
});

describe("a config file afterwards", () => {
  const plugin = (module: string, name: string): object => ({ from: module, called: name });
  test.each([
    ["next", "next.config.ts", { from: "workflow/next", config: { reactStrictMode: true } }],
    ["next-without-config", "next.config.ts", { from: "workflow/next", config: {} }],
    ["next-function", "next.config.mjs", { from: "workflow/next", config: { reactStrictMode: true } }],
    ["next-commonjs", "next.config.js", { from: "workflow/next", config: { reactStrictMode: true } }],
    [
      "nuxt",
      "nuxt.config.ts",
      { modules: ["@nuxt/eslint", "@nuxt/image", "workflow/nuxt"], devtools: { enabled: true } },
    ],
    ["nitro", "nitro.config.ts", { modules: ["workflow/nitro"], serverDir: "./server" }],
    ["astro", "astro.config.mjs", { integrations: [plugin("workflow/astro", "default")] }],
    [
      "sveltekit",
      "vite.config.ts",
      {
        plugins: [
          plugin("@tailwindcss/vite", "default"),
          plugin("@sveltejs/kit/vite", "sveltekit"),
          plugin("workflow/sveltekit", "workflowPlugin"),
        ],
      },
    ],
    [
      "react-router",
      "vite.config.ts",
      {
        plugins: [
          plugin("workflow/vite", "workflow"),
          plugin("@tailwindcss/vite", "default"),
          plugin("@react-router/dev/vite", "reactRouter"),
        ],
      },
    ],
    [
      "tanstack-start",
      "vite.config.ts",
      {
        plugins: [
          plugin("workflow/vite", "workflow"),
          plugin("nitro/vite", "nitro"),
          plugin("@tanstack/react-start/plugin/vite", "tanstackStart"),
          plugin("@vitejs/plugin-react", "default"),
        ],
      },
    ],
    [
      "vite",
      "vite.config.js",
      { plugins: [plugin("workflow/vite", "workflow"), plugin("@vitejs/plugin-react", "default")] },
    ],
    [
      "vite-nitro",
      "vite.config.ts",
      {
        plugins: [plugin("workflow/vite", "workflow"), plugin("nitro/vite", "nitro")],
        nitro: { serverDir: "./server" },
      },
    ],
  ])("of %s says what it said, and what was added", async (project, config, expected) => {
    const app = openApp(project);
    await app.init();
    expect(evaluate(app.folder, config)).toMatchObject(expected);
  });

  test("of React Router's routes has the two new ones behind the others", async () => {
    const app = openApp("react-router");
    await app.init();
    expect(evaluate(app.folder, "app/routes.ts")).toEqual([
      { called: "index", from: "@react-router/dev/routes", args: ["routes/home.tsx"] },
      ...["start", "resume"].map((name) => ({
        called: "route",
        from: "@react-router/dev/routes",
        args: [`api/hello/${name}`, `routes/api.hello.${name}.ts`],
      })),
    ]);
  });

  test("of NestJS is the root module with both classes", async () => {
    const app = openApp("nest");
    await app.init();
    const text = app.read("src/app.module.ts");
    expect(text).toContain("imports: [WorkflowModule.forRoot()],");
    expect(text).toContain("controllers: [AppController, HelloController],");
    expect(text).toContain("providers: [AppService],");
  });

  test("of NestJS in an ES module imports files with their extensions", async () => {
    const app = openApp("nest");
    app.write("package.json", app.read("package.json").replace('"private"', '"type": "module",\n  "private"'));
    await app.init();
    expect(app.read("src/app.module.ts")).toContain("from './hello.controller.js';");
    expect(app.read("src/hello.controller.ts")).toContain('from "./workflows/hello.js";');
  });

  test("of NestJS: its scripts make workflows known, unless the build does", async () => {
    const scripts = (app: App): unknown => JSON.parse(app.read("package.json")).scripts;
    const [plain, built] = [openApp("nest"), openApp("nest")];
    await plain.init();
    expect(scripts(plain)).toMatchObject({
      build: "nest build",
      start: 'nest start --exec "node --import workflow/register"',
      "start:prod": "node --import workflow/register dist/main",
    });
    const before = scripts(built);
    built.write("rspack.config.js", 'import { workflow } from "workflow/rspack";\n');
    await built.init();
    expect(scripts(built)).toEqual(before);
  });

  test("keeps the line ends of Windows", async () => {
    const [windows, unix] = [openApp("astro"), openApp("astro")];
    windows.write("astro.config.mjs", windows.read("astro.config.mjs").replaceAll("\n", "\r\n"));
    await windows.init();
    await unix.init();
    expect(windows.read("astro.config.mjs")).toBe(unix.read("astro.config.mjs").replaceAll("\n", "\r\n"));
    expect(await windows.init()).toMatchObject({ diff: "" });
  });

  test("keeps its spelling, its comments and their places", async () => {
    const app = openApp("sveltekit");
    const before = app.read("vite.config.ts").split("\n");
    await app.init();
    const after = app.read("vite.config.ts").split("\n");
    const added = ["import { workflowPlugin } from 'workflow/sveltekit';", "\t\tworkflowPlugin(),"];
    expect(after.filter((line) => !added.includes(line))).toEqual(before);
    expect(after).toEqual(expect.arrayContaining(added));
  });
});
