import { execFile } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Child, startNode } from "../support/child.ts";
import { createPlace, type Place } from "../support/cli.ts";
import { PROJECTS_FOLDER } from "../support/init/app.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const PATIENT = { timeout: 60_000 };

/** An app as its starter makes it, with what this repository has installed. */
function createApp(project: string): Place {
  const place = createPlace();
  cpSync(join(PROJECTS_FOLDER, project), place.folder, { recursive: true });
  symlinkSync(join(REPOSITORY, "node_modules"), join(place.folder, "node_modules"));
  return place;
}

describe("workflow init", PATIENT, () => {
  test("shows the diff and writes nothing where there is nobody to ask", async () => {
    const { folder, workflow } = createApp("nuxt");
    const { code, stdout, stderr } = await workflow(["init"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^Nuxt: package.json names nuxt\n--- a\/nuxt.config.ts\n/);
    expect(stdout).toContain("+++ b/server/workflows/hello.ts\n@@ -0,0 +1,");
    expect(stderr).toBe("Nothing was written: there is nobody to ask here. Add --yes to write what is shown\n");
    expect(existsSync(join(folder, "server"))).toBe(false);
  });

  test("asks at a terminal", async () => {
    const { folder, workflow } = createApp("nuxt");
    const typed = (input: string): ReturnType<typeof workflow> => workflow(["init"], { first: "keyboard.mjs", input });
    expect(await typed("no\n")).toMatchObject({ code: 1, stdout: expect.stringContaining("Nothing was written\n") });
    expect(await typed("")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(existsSync(join(folder, "server"))).toBe(false);
    expect(await typed("y\n")).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/Write these \d files\?/),
    });
    expect(existsSync(join(folder, "server/workflows/hello.ts"))).toBe(true);
  });

  test("--yes does not ask, and there is nothing to do the second time", async () => {
    const { printed } = createApp("nuxt");
    expect(await printed("init", "--yes")).toContain("Written: nuxt.config.ts");
    expect(await printed("init", "-y")).toBe("Nuxt: package.json names nuxt\nNothing to do: everything is there\n");
  });

  test("a file that is left to the user is an exit code, and the rest is written", async () => {
    const { folder, workflow } = createApp("nuxt");
    writeFileSync(join(folder, "nuxt.config.ts"), "export default load();\n");
    expect(await workflow(["init", "--yes"])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("nuxt.config.ts is left to you, because what it exports is not one object"),
      stderr: "",
    });
    expect(readFileSync(join(folder, "nuxt.config.ts"), "utf8")).toBe("export default load();\n");
    expect(existsSync(join(folder, "server/workflows/hello.ts"))).toBe(true);
  });

  test("what cannot be used is refused", async () => {
    const { workflow } = createPlace();
    expect(await workflow(["init", "next"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no arguments"),
    });
    expect(await workflow(["init"])).toMatchObject({ code: 2, stderr: expect.stringContaining("no package.json") });
  });
});

describe("an app that Node runs", PATIENT, () => {
  test.each([
    ["express", "dev"],
    ["express-typescript", "dev"],
    ["fastify", "dev"],
    ["hono", "dev"],
    ["node", "hello"],
  ])("%s: the routes that were added start the first workflow and resume it", async (project, script) => {
    const place = createApp(project);
    await place.printed("init", "--yes");
    await using app = startScript(place, script);
    const [, port] = await app.line(/(?:localhost:|127\.0\.0\.1:|port: )(\d+)/);
    const post = (route: string, body: object): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/api/hello/${route}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });

    const started = await post("start", { name: "Ada" });
    expect(started.status).toBe(202);
    const { runId } = (await started.json()) as { runId: string };
    expect((await post("resume", { runId: "wrun_0", text: "" })).status).toBe(404);
    let status: number;
    // Until the run has come to its hook.
    while ((status = (await post("resume", { runId, text: "fine" })).status) === 404) await delay(10);
    expect(status).toBe(200);
    await expect
      .poll(() => place.json("inspect", "run", runId, "--withData"), { timeout: 30_000 })
      .toMatchObject({ status: "completed", output: "Hello, Ada! Ada says: fine" });
  });

  test.each(["express-typescript", "fastify", "hono", "node"])(
    "%s: what was added has the right types",
    async (project) => {
      const { folder, printed } = createApp(project);
      await printed("init", "--yes");
      const compiler = join(REPOSITORY, "node_modules/.bin/tsc");
      const checked = promisify(execFile)(compiler, ["--noEmit", "-p", "."], { cwd: folder }).catch((error) => error);
      expect((await checked).stdout).toBe("");
    },
  );
});

/** As npm would, without the shell. */
function startScript({ folder, data }: Place, name: string): Child {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const [node, ...args] = (scripts[name] as string).split(" ").filter((word) => word !== "--watch");
  expect(node).toBe("node");
  return startNode(args, { cwd: folder, env: { WORKFLOW_LOCAL_DATA_DIR: data, PORT: "0" } });
}
