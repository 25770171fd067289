import { join } from "node:path";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { columnsOf, createPlace, FIXTURES, SURVEY } from "./support/cli.ts";
import { worldEnvironment } from "./support/postgres/world-environment.ts";

/** Processes one after another, on a machine that may be busy. */
const PATIENT = { timeout: 60_000 };

async function ask(url: string, text: string, values: string[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<object>(text, values)).rows;
  } finally {
    await client.end();
  }
}

describe("the program on PostgreSQL", PATIENT, () => {
  test("beside an app: runs are shown, resumed and cancelled", async () => {
    const { json, printed, startApp } = createPlace(await worldEnvironment());
    await using app = await startApp("tea", "cats");
    const [tea = "", cats = ""] = app.runIds;
    const runs = (await printed("inspect", "runs")).split("\n");
    expect(columnsOf(runs[1])).toEqual([cats, "running", expect.stringMatching(/^\d+m?s ago$/), SURVEY]);
    expect(await printed("inspect", "run", tea)).toMatch(/^hook_\w+ .* survey:tea$/m);
    expect((await json("inspect", "hooks", "-r", cats)).data).toMatchObject([{ token: "survey:cats" }]);
    expect(await printed("inspect", "streams", tea)).toBe("No streams\n");

    expect(await printed("resume", "survey:tea", '{"text":"green"}')).toBe(`${tea}\n`);
    await app.line(/^ended tea well$/);
    expect(await printed("cancel", cats, "--reason", "enough")).toBe(`${cats} is cancelled\n`);
    await app.line(/^ended cats badly$/);
    expect(await printed("inspect", "run", tea, "-d")).toMatch(/^output +{ topic: 'tea', text: 'green' }$/m);
    const { data } = await json("inspect", "events", tea, "--sort", "asc", "-d");
    expect(data[0]).toMatchObject({ eventType: "run_created", eventData: { input: ["tea"] } });
    expect(app.stderr).toBe("");
  });

  test("what is resumed while no app runs is stored for the worker that comes", async () => {
    const { json, printed, startApp } = createPlace(await worldEnvironment());
    const runIds: string[] = [];
    {
      await using app = await startApp("tea");
      runIds.push(...app.runIds);
      await app.kill("SIGKILL");
    }
    const [tea = ""] = runIds;
    expect(await printed("resume", "survey:tea", '{"text":"black"}')).toBe(`${tea}\n`);
    expect(await printed("resume", "survey:milk", "1", "--hold", "10m")).toMatch(/^held until /);
    expect((await json("inspect", "held")).data).toMatchObject([{ token: "survey:milk", status: "held" }]);
    await using app = await startApp();
    await app.line(/^ready$/);
    await expect.poll(() => json("inspect", "run", tea), { timeout: 30_000 }).toMatchObject({ status: "completed" });
  });

  test("whoever looks changes no tables; migrate creates them, once", async () => {
    const env = await worldEnvironment();
    const { printed, workflow } = createPlace(env);
    const { WORKFLOW_POSTGRES_URL: url, WORKFLOW_POSTGRES_SCHEMA: schema } = env;
    const nothing = {
      code: 1,
      stdout: "",
      stderr: expect.stringContaining(`no workflow data in the schema ${schema}`),
    };
    for (const command of [
      ["inspect", "runs"],
      ["resume", "tea"],
      ["cancel", "wrun_1"],
    ])
      expect(await workflow(command)).toEqual(nothing);
    expect(await ask(url, "SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema])).toEqual([]);

    expect(await printed("migrate")).toMatch(new RegExp(`^Created the schema ${schema}, at version \\d+\\n$`));
    expect(await printed("migrate")).toMatch(new RegExp(`^The schema ${schema} is up to date, at version \\d+\\n$`));
    expect(await printed("inspect", "runs")).toBe("No runs\n");

    await ask(url, `UPDATE ${schema}.meta SET value = 1 WHERE key = 'version'`);
    const { code, stderr } = await workflow(["inspect", "runs"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/is of version 1,.* Run npx workflow migrate/),
    });
    expect(await ask(url, `SELECT value FROM ${schema}.meta WHERE key = 'version'`)).toEqual([{ value: "1" }]);
  });

  test.each([
    [
      "nobody listens there",
      "postgres://app:secret@127.0.0.1:1/shop",
      1,
      /^PostgreSQL at 127\.0\.0\.1:1, database shop, cannot/,
    ],
    ["what is no URL", "localhost", 2, /^The connection string is malformed\. It has the form postgres:/],
    ["none", "", 1, /^Nothing says where PostgreSQL is\. Set WORKFLOW_POSTGRES_URL/],
  ])("a URL that leads nowhere is told: %s", async (_what, url, code, message) => {
    const { workflow } = createPlace({ WORKFLOW_TARGET_WORLD: "@workflow/world-postgres", WORKFLOW_POSTGRES_URL: url });
    // A server that is not there is waited for: one command has to do.
    const commands = url.includes("127") ? [["worker"]] : [["inspect", "runs"], ["migrate"], ["worker"]];
    for (const command of commands) {
      const said = await workflow(command);
      expect(said).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
      expect(said.stderr).not.toContain("secret");
    }
  });
});

/** Its module exports no `migrate`. */
const SILENT = join(FIXTURES, "world.mjs");

test.each([
  ["the embedded World", "local"],
  [SILENT, SILENT],
])("migrate has nothing to do for %s", async (name, target) => {
  const { workflow } = createPlace({ WORKFLOW_TARGET_WORLD: target });
  expect(await workflow(["migrate"])).toEqual({
    code: 0,
    stdout: `Nothing to do: ${name} brings its data up to date when it is opened\n`,
    stderr: "",
  });
});
