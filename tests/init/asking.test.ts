import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FRAMEWORKS } from "../../packages/workflow/src/cli/init/frameworks.ts";
import { manifest, openApp } from "../support/init/app.ts";

describe("nothing is written", () => {
  test("when the answer is no, or nothing", async () => {
    const app = openApp("nuxt");
    const before = app.files();
    for (const answer of ["n", ""]) {
      expect(await app.init({}, [() => answer])).toMatchObject({
        whole: false,
        said: expect.stringContaining("Nothing was written"),
        diff: expect.stringContaining("+  modules: ['@nuxt/eslint', '@nuxt/image', 'workflow/nuxt']"),
      });
    }
    expect(app.files()).toEqual(before);
    expect(await app.init({}, [() => "y"])).toMatchObject({ whole: true });
    expect(app.files()).not.toEqual(before);
  });

  test("when there is nobody to ask", async () => {
    const app = openApp("nuxt");
    const before = app.files();
    await expect(app.init({})).rejects.toThrow("Add --yes");
    expect(app.files()).toEqual(before);
  });

  test.each([
    ["nuxt.config.ts", "export default {}"],
    ["server/api/hello/resume.post.ts", "export default 1"],
  ])("when %s is changed while the question is open", async (path, text) => {
    const app = openApp("nuxt");
    const before = app.files();
    const answer = (): string => {
      app.write(path, text);
      return "yes";
    };
    await expect(app.init({}, [answer])).rejects.toThrow(`${path} was changed in the meantime`);
    expect(app.files()).toEqual({ ...before, [path]: text });
  });

  test.each([
    ["without package.json", {}, "There is no package.json in"],
    ["with a package.json that is broken", { "package.json": "{" }, "is not a JSON object"],
    ["with a package.json that is a list", { "package.json": "[]" }, "is not a JSON object"],
  ])("in a folder %s", async (_what, files, message) => {
    const app = openApp(files);
    await expect(app.init()).rejects.toThrow(message);
    expect(app.files()).toEqual(files);
  });
});

describe("what the user has is never overwritten", () => {
  test("a workflow of the same name: no first workflow, and nothing that would need it", async () => {
    const app = openApp("express");
    app.write("workflows/hello.ts", "export const mine = 1;\n");
    const server = app.read("server.js");
    const { whole, said } = await app.init();
    expect(whole).toBe(true);
    expect(said).toContain("No first workflow is added: workflows/hello.ts is there already");
    expect(app.read("workflows/hello.ts")).toBe("export const mine = 1;\n");
    expect(app.read("server.js")).toBe(server);
    expect(app.read("package.json")).toContain("workflow/register");
    expect(Object.keys(app.files()).toSorted()).toEqual(["package.json", "server.js", "workflows/hello.ts"]);
  });

  test.each(["nest", "react-router", "next"])("%s: a first workflow that was changed since", async (project) => {
    const app = openApp(project);
    await app.init();
    const path = Object.keys(app.files()).find((file) => file.endsWith("workflows/hello.ts")) ?? "";
    app.write(path, `${app.read(path)}\n// mine\n`);
    const before = app.files();
    expect(await app.init()).toMatchObject({ whole: true, diff: "" });
    expect(app.files()).toEqual(before);
  });

  test("a project that is configured is left as it is", async () => {
    const config = 'export default defineConfig({ modules: ["workflow/nitro"], routes: { "/**": "./src/index.ts" } });';
    const app = openApp({ "package.json": manifest({ nitro: "3", express: "5" }), "nitro.config.mjs": config });
    expect(await app.init()).toMatchObject({
      whole: true,
      said: expect.stringMatching(/^Nitro: package.json names nitro/),
    });
    expect(app.read("nitro.config.mjs")).toBe(config);
  });
});

describe("which framework", () => {
  test("two of them: asked for, or named", async () => {
    const files = { "package.json": manifest({ hono: "4", vite: "7" }), "vite.config.js": "export default {};\n" };
    const app = openApp(files);
    await expect(app.init()).rejects.toThrow("Add --framework vite or --framework hono");
    await expect(app.init({ yes: true }, [() => "nuxt"])).rejects.toThrow("Add --framework vite or --framework hono");
    expect(app.files()).toEqual(files);
    const { said } = await app.init({ yes: true }, [() => "vite"]);
    expect(said).toContain("Vite (vite): there is vite.config.js\nHono (hono): package.json names hono");
    expect(app.read("vite.config.js")).toContain("plugins: [workflow()]");
    await app.init({ yes: true, framework: "hono" });
    expect(Object.keys(app.files())).toContain("routes/hello.js");
  });

  test("one that does not exist", async () => {
    const app = openApp("vite");
    await expect(app.init({ framework: "rails" })).rejects.toThrow(/--framework is one of next, .*, not "rails"/);
  });

  test.each([
    ["nuxt", { nuxt: "4", nitro: "3", vite: "7" }],
    ["react-router", { "@react-router/dev": "7", express: "5" }],
    ["nest", { "@nestjs/core": "11", express: "5", fastify: "5" }],
    ["nitro", { nitro: "3", hono: "4" }],
    ["node", { "@types/express": "5", vite: "7" }],
  ])("%s is recognised in spite of what it brings along", async (name, dependencies) => {
    const app = openApp({ "package.json": manifest(dependencies) });
    const title = FRAMEWORKS.find((framework) => framework.name === name)?.title;
    const { said } = await app.init({}, [() => "n"]);
    expect(said.split(":")[0]).toBe(title);
  });
});

test.each([
  ["TypeScript", { "tsconfig.json": "{}" }, {}, "server/workflows/hello.ts"],
  ["TypeScript", {}, { typescript: "6" }, "server/workflows/hello.ts"],
  ["JavaScript", { "jsconfig.json": "{}" }, { typescript: "6" }, "server/workflows/hello.js"],
  ["JavaScript", {}, {}, "server/workflows/hello.js"],
])("new files are %s with %o and %o", async (_language, files, dependencies, path) => {
  const app = openApp({ "package.json": manifest({ nuxt: "4", ...dependencies }), ...files });
  await app.init();
  expect(Object.keys(app.files())).toContain(path);
});

describe("around the app", () => {
  const git = (folder: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd: folder,
      encoding: "utf8",
    });

  test("git: data is ignored, what is not committed is mentioned, and the undo that is named undoes all", async () => {
    const app = openApp("next");
    const before = app.files();
    git(app.folder, "init", "-q");
    expect((await app.init({}, [() => "n"])).said).toContain("Not everything here is committed");
    git(app.folder, "add", "-A");
    git(app.folder, "commit", "-qm", "all");

    const { said } = await app.init();
    expect(said).not.toContain("committed");
    expect(app.read(".gitignore")).toBe("/node_modules\n/.next\n.workflow-data\n");
    const [, undo = ""] = /^Undo: (.*)$/m.exec(said) ?? [];
    execFileSync("sh", ["-c", undo], { cwd: app.folder });
    expect(app.files()).toEqual(before);
  });

  test("git: a package of a repository that ignores data everywhere needs no .gitignore of its own", async () => {
    const app = openApp({ ".gitignore": ".workflow-data\n", "shop/package.json": manifest({}) });
    git(app.folder, "init", "-q");
    const inside = openApp("nuxt", join(app.folder, "shop"));
    await inside.init();
    expect(Object.keys(inside.files())).not.toContain(".gitignore");
    app.write(".gitignore", "");
    expect((await inside.init()).diff).toBe("--- /dev/null\n+++ b/.gitignore\n@@ -0,0 +1,1 @@\n+.workflow-data");
  });

  test("no git: it is mentioned, and there is no .gitignore", async () => {
    const app = openApp("nuxt");
    const { said } = await app.init();
    expect(said).toContain("no git repository");
    expect(said).not.toContain("Undo");
    expect(Object.keys(app.files())).not.toContain(".gitignore");
  });

  test("what only the user can see to is said", async () => {
    expect((await openApp("next").init()).said).toContain(
      "See that the matcher of src/proxy.ts leaves out .well-known/workflow/",
    );
    expect((await openApp("astro").init()).said).toContain("npx astro add node");
    const app = openApp({ "package.json": JSON.stringify({ dependencies: { express: "5" } }) });
    const { said, whole } = await app.init();
    expect(whole).toBe(false);
    expect(said).toContain("package.json does not name workflow yet");
    expect(said).toContain('app.use("/api/hello", helloRoutes)');
    expect(said).toContain("package.json is left to you");
  });

  test.each([
    [{ start: "node app.js" }, "npm start"],
    [{ start: "node app.js", dev: "node --watch app.js" }, "npm run dev"],
  ])("what is said at the end can be typed: with the scripts %o it is %s", async (scripts, command) => {
    const app = openApp({
      "package.json": JSON.stringify({ type: "module", scripts, dependencies: { express: "5" } }),
      "app.js": `import express from "express";\nconst app = express();\napp.listen(3000);\n`,
    });
    expect((await app.init()).said).toContain(`Try it:\n  ${command}\n`);
  });
});
