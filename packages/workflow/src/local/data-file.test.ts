import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { explainFailure } from "./failures.ts";
import { inProcess, newRun, openWorld, temporaryDirectory } from "./fixtures/scene.ts";
import { createLocalWorld } from "./world.ts";

afterEach(() => vi.unstubAllEnvs());

test("the data directory is created where it is missing, and kept out of version control", async () => {
  const directory = join(temporaryDirectory(), "deep", "data");
  await openWorld(directory);
  expect(readFileSync(join(directory, ".gitignore"), "utf8")).toBe("*\n");
});

test("a directory that exists already gets no .gitignore", async () => {
  const directory = temporaryDirectory();
  await openWorld(directory);
  expect(existsSync(join(directory, ".gitignore"))).toBe(false);
});

test("the directory comes from the environment when none is given", async () => {
  const directory = join(temporaryDirectory(), "from-environment");
  vi.stubEnv("WORKFLOW_LOCAL_DATA_DIR", directory);
  const world = await createLocalWorld();
  await world.close();
  expect(existsSync(join(directory, "workflow.db"))).toBe(true);
});

test("data is there again when a World is opened a second time", async () => {
  const directory = temporaryDirectory();
  const first = await openWorld(directory);
  await first.createRun(newRun(1));
  await first.close();
  const second = await openWorld(directory);
  expect(await second.runs.get(newRun(1).runId)).toMatchObject({ status: "pending", input: newRun(1).input });
});

test("processes that start at once on an empty directory all come up", async () => {
  const directory = join(temporaryDirectory(), "data");
  const sources = [1, 2, 3, 4].map(
    (n) => `
      const world = await createLocalWorld({ directory: ${JSON.stringify(directory)} });
      await world.code.put({ hash: ${JSON.stringify(newRun(n).codeHash)}, source: "", map: "" });
      await world.createRun(${JSON.stringify(newRun(n))});
      await world.close();
    `,
  );
  const ended = await Promise.all(sources.map((source) => inProcess(source).done));
  expect(ended).toEqual(sources.map(() => ({ code: 0, output: "" })));
  const world = await openWorld(directory);
  expect((await world.runs.list()).data).toHaveLength(4);
});

test("data of a newer version is refused, and left as it is", async () => {
  const directory = temporaryDirectory();
  const newer = new DatabaseSync(join(directory, "workflow.db"));
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  await expect(createLocalWorld({ directory })).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringMatching(/newer version of the package \(data version 99.*Update the package/),
  });
  const again = new DatabaseSync(join(directory, "workflow.db"));
  expect(again.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 99 });
  expect(again.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()).toMatchObject({ tables: 0 });
  again.close();
});

test("a file in the place of the directory is an error that says what to do", async () => {
  const directory = join(temporaryDirectory(), "taken");
  writeFileSync(directory, "");
  await expect(createLocalWorld({ directory })).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringMatching(/taken.*WORKFLOW_LOCAL_DATA_DIR/),
  });
});

test("a file that is not a database is an error that says what to do", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "workflow.db"), "not a database, but long enough to be looked at. ".repeat(100));
  await expect(createLocalWorld({ directory })).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringMatching(/workflow\.db is not a database\. Move the file aside/),
  });
});

test("a database file that was damaged is an error that says what to do", async () => {
  const directory = temporaryDirectory();
  const before = await openWorld(directory);
  await before.createRun(newRun(1));
  await before.close();
  const file = join(directory, "workflow.db");
  const bytes = readFileSync(file);
  // Keeps the file's header and drops every page's structure.
  writeFileSync(file, bytes.fill(0xff, 100));
  await expect(createLocalWorld({ directory }).then((world) => world.runs.list())).rejects.toMatchObject({
    code: "WORLD_FAILED",
    message: expect.stringMatching(/workflow\.db is damaged\. Move the file aside and restore a backup/),
  });
});

test("a full disk is named as such", () => {
  const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  expect(explainFailure(full, "/data/workflow.db")).toMatch(/\/data\/workflow\.db .*disk is full\. Free some space/);
});

test("an unknown durability is warned about once, and full is used", async () => {
  vi.stubEnv("WORKFLOW_LOCAL_DURABILITY", "sometimes");
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  for (const _ of [1, 2]) await (await createLocalWorld({ directory: temporaryDirectory() })).close();
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/"sometimes".*"full" or "process"/)]]);
  warn.mockRestore();
});
