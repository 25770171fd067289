import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPlace, FIXTURES, storeRuns } from "./support/cli.ts";

describe("with nothing there", () => {
  test.each([
    ["inspect", "runs"],
    ["resume", "token"],
    ["cancel", "wrun_1"],
  ])("%s %s names the directory and the variable, and creates nothing", async (...args) => {
    const { folder, data, workflow } = createPlace();
    const said = await workflow(args);
    expect(said).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^There is no workflow data in .*WORKFLOW_LOCAL_DATA_DIR.* \(WORLD_FAILED\)\n$/),
    });
    expect(said.stderr).toContain(`${data}.`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("nor in a directory that has other things in it, or by default", async () => {
    const { folder, data, workflow } = createPlace();
    mkdirSync(data);
    expect(await workflow(["inspect", "hooks"])).toMatchObject({ code: 1 });
    expect(readdirSync(data)).toEqual([]);
    const { stderr } = await workflow(["inspect", "hooks"], { env: { WORKFLOW_LOCAL_DATA_DIR: "" } });
    expect(stderr).toContain(join(folder, ".workflow-data"));
    expect(existsSync(join(folder, ".workflow-data"))).toBe(false);
  });

  test("another World is asked as it is, and closed", async () => {
    const { workflow } = createPlace();
    const env = { WORKFLOW_TARGET_WORLD: join(FIXTURES, "world.mjs") };
    expect(await workflow(["inspect", "runs"], { env })).toEqual({ code: 0, stdout: "No runs\n", stderr: "closed\n" });
    const missing = await workflow(["inspect", "runs"], { env: { WORKFLOW_TARGET_WORLD: "./gone.mjs" } });
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(
      /^WORKFLOW_TARGET_WORLD=\.\/gone\.mjs cannot be loaded.*\nBecause: Cannot find .*\n$/,
    );
  });
});

test("a World is found among the packages of the app, also where the engine does not see them", async () => {
  const { folder, workflow } = createPlace({ WORKFLOW_TARGET_WORLD: "their-world" });
  const home = join(folder, "node_modules/their-world");
  mkdirSync(home, { recursive: true });
  copyFileSync(join(FIXTURES, "world.mjs"), join(home, "index.mjs"));
  writeFileSync(join(home, "package.json"), `{ "name": "their-world", "exports": "./index.mjs" }`);
  expect(await workflow(["inspect", "runs"])).toEqual({ code: 0, stdout: "No runs\n", stderr: "closed\n" });
});

describe("errors of the engine end with their code and what to do", () => {
  const list = (what: string, of: string): string => `workflow inspect ${what} lists the ${of}`;

  test.each([
    ["resume gone 1", "HOOK_NOT_FOUND", list("hooks", "tokens")],
    ["inspect hook gone", "HOOK_NOT_FOUND", list("hooks", "tokens")],
    ["inspect run wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
    ["inspect events wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
    ["inspect hooks -r wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
    ["inspect streams wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
    ["inspect stream log -r wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
    ["cancel wrun_1", "RUN_NOT_FOUND", list("runs", "runs")],
  ])("workflow %s", async (line, code, advice) => {
    const { data, workflow } = createPlace();
    await storeRuns(data, []);
    const said = await workflow(line.split(" "));
    expect(said).toMatchObject({ code: 1, stdout: "" });
    expect(said.stderr).toMatch(new RegExp(`^.* \\(${code}\\)\n${advice}.*\n$`));
  });

  test("what the engine will not take of the command line is a wrong input", async () => {
    const { data, workflow } = createPlace();
    await storeRuns(data, []);
    expect(await workflow(["inspect", "runs", "--cursor", "x"])).toMatchObject({ code: 2, stdout: "" });
    expect(await workflow(["cancel", "wrun_1", "--reason", "x".repeat(513)])).toMatchObject({ code: 2, stdout: "" });
  });
});

test.each([
  ["nope", /no command nope.*inspect, resume, cancel/],
  ["constructor", /no command constructor/],
  ["--bogus", /no command --bogus/],
  ["inspect", /one of runs, run, hooks, hook, held, events, streams, stream$/],
  ["inspect nope", /one of runs, run, hooks, hook, held, events, streams, stream, not "nope"/],
  ["inspect run", /id is missing: workflow inspect run <runId>/],
  ["inspect hook", /id is missing: workflow inspect hook <token>/],
  ["inspect events", /id is missing: workflow inspect events <runId>/],
  ["inspect events a -r b", /run of the events once/],
  ["inspect streams a -r b", /run of the streams once/],
  ["inspect streams", /id is missing: workflow inspect streams <runId>/],
  ["inspect stream log", /id is missing: workflow inspect stream \[namespace\] --runId <runId>/],
  ["inspect stream log -r a --sort asc", /--sort means nothing to inspect stream\b/],
  ["inspect held token", /takes no id, but got token.*--token <token>/],
  ["inspect held -r a", /--runId means nothing to inspect held.*--token/],
  ["inspect hooks -t a", /--token means nothing to inspect hooks/],
  ["inspect runs a b", /takes one id, but got also b/],
  ["inspect runs --bogus", /no flag --bogus here.*--workflowName, --status/],
  ["inspect runs -x", /no flag -x here/],
  ["inspect runs --runId a", /--runId means nothing to inspect runs.*--workflowName/],
  ["inspect hooks --status failed", /--status means nothing to inspect hooks/],
  ["inspect run a --sort asc", /--sort means nothing to inspect run\b/],
  ["inspect runs --status done", /one of pending, running, completed, failed, cancelled, not "done"/],
  ["inspect runs --sort up", /--sort is one of asc, desc/],
  ["inspect runs --limit 0", /whole number from 1 to 100, not "0"/],
  ["inspect runs --limit 101", /whole number from 1 to 100, not "101"/],
  ["inspect runs --limit 1.5", /whole number from 1 to 100/],
  ["inspect runs --limit", /--limit needs a value: --limit <n>/],
  ["inspect runs --limit --json", /--limit is followed by --json/],
  ["inspect runs --cursor=", /--cursor needs a value/],
  ["inspect runs --json=yes", /--json takes no value, but got "yes"/],
  ["resume", /token is missing: workflow resume <token>/],
  ["resume a {b:1}", /payload is not JSON: .*quoted/],
  ["resume a { }", /takes one payload, but got also }.*Quote/],
  ["resume a -5", /no flag -5 here.*goes after --/],
  ["resume a 1 --json", /no flag --json here/],
  ["resume a -", /Standard input is not JSON/],
  ["cancel", /id is missing: workflow cancel <runId>/],
  ["cancel a b", /takes one run, but got also b/],
  ["cancel a --reason", /--reason needs a value/],
  ["migrate now", /migrate takes no arguments, but got now/],
  ["worker gone.ts", /no file .*gone\.ts\. worker takes files/],
  ["worker --concurrency some", /--concurrency is a whole number from 1 on, not "some"/],
])("workflow %s: one line says what is accepted", async (line, complaint) => {
  const { folder, workflow } = createPlace();
  const said = await workflow(line.split(" "));
  expect(said).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^.+\n$/) });
  expect(said.stderr.trimEnd()).toMatch(complaint);
  expect(readdirSync(folder)).toEqual([]);
});

test("help and version are there without any data", async () => {
  const { printed } = createPlace();
  const help = await printed();
  expect(help).toMatch(/^workflow resume <token> \[payload\] +\S/m);
  expect(await printed("--help")).toBe(help);
  expect(await printed("inspect", "--help")).toMatch(/^--limit <n> +how many to show, 1 to 100 \(20\)$/m);
  expect(await printed("cancel", "-h")).toMatch(/^--reason <text> /m);
  expect(await printed("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
});
