import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PRELUDE } from "../packages/workflow/src/replay/prelude.generated.ts";
import { startNode } from "./support/child.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const PACKAGE = join(REPOSITORY, "packages/workflow");
const { version: BUILT } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { version: string };
const OTHER = "99.0.0-other";

let app: string;

beforeAll(() => {
  app = realpathSync(mkdtempSync(join(tmpdir(), "workflow-versions-")));
  symlinkSync(join(REPOSITORY, "node_modules"), join(app, "node_modules"));
  for (const [library, version] of Object.entries({ one: BUILT, same: BUILT, other: OTHER })) install(library, version);
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

/** A library with a copy of the built package of its own. */
function install(library: string, version: string): void {
  const copy = join(app, library, "node_modules/workflow");
  mkdirSync(copy, { recursive: true });
  for (const name of ["dist", "package.json"]) cpSync(join(PACKAGE, name), join(copy, name), { recursive: true });
  for (const name of ["package.json", "dist/world/version.generated.js"]) {
    const text = readFileSync(join(copy, name), "utf8");
    expect(text).toContain(`"${BUILT}"`);
    writeFileSync(join(copy, name), text.replace(`"${BUILT}"`, `"${version}"`));
  }
  const exports = ["workflow", "workflow/api", "workflow/errors", "workflow/runtime"];
  const text = exports.map((name) => `export * from ${JSON.stringify(name)};\n`).join("");
  writeFileSync(join(app, library, "index.mjs"), text);
}

/** Runs a module of the app and returns what it printed, as JSON. */
async function run(source: string, args: readonly string[] = []): Promise<unknown> {
  writeFileSync(join(app, "main.mjs"), source);
  const env = { WORKFLOW_LOCAL_DATA_DIR: join(app, "data") };
  await using child = startNode([...args, "main.mjs"], { cwd: app, env });
  await child.exit;
  if (child.stdout === "") throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

const USES: readonly (readonly [string, string])[] = [
  ["sets the World", "setWorld({})"],
  ["asks for the World", "await getWorld()"],
  ["starts a worker", "await startWorker({ handleSignals: false })"],
  ["starts a run", `await start({ workflowId: "workflow//./a//b" })`],
  ["resumes a hook", `await resumeHook("token", 1)`],
  ["asks for its step", "getStepMetadata()"],
];

test.each(USES)("of two versions the one that comes second and %s is told of both", async (_what, use) => {
  for (const [first, second] of [
    ["one", "other"],
    ["other", "one"],
  ] as const) {
    const seen = (await run(`
      import * as first from "./${first}/index.mjs";
      import { getStepMetadata, getWorld, resumeHook, setWorld, start, startWorker } from "./${second}/index.mjs";
      first.setWorld(undefined);
      try {
        ${use};
        console.log(JSON.stringify("nothing was thrown"));
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, message: error.message, known: first.WorkflowRuntimeError.is(error) }));
      }
    `)) as { message: string };
    expect(seen).toMatchObject({ code: "VERSION_CONFLICT", known: true });
    const place = (library: string): string =>
      `${library === "one" ? BUILT : OTHER} (${pathToFileURL(join(app, library, "node_modules/workflow")).href})`;
    expect(seen.message).toContain(`first ${place(first)}, and now ${place(second)}`);
    expect(seen.message).toContain("npm ls workflow");
  }
});

test("a process under the register hook of one version refuses the API of another", async () => {
  const register = ["--import", "./one/node_modules/workflow/dist/register.js"];
  const seen = await run(
    `
      import { start } from "./other/index.mjs";
      const refused = await start({ workflowId: "workflow//./a//b" }).catch((error) => error.code);
      console.log(JSON.stringify(refused));
      process.exit();
    `,
    register,
  );
  expect(seen).toBe("VERSION_CONFLICT");
});

test("two copies of one version share their World", async () => {
  const seen = await run(`
    import * as one from "./one/index.mjs";
    import * as same from "./same/index.mjs";
    const world = { mark: 1 };
    one.setWorld(world);
    console.log(JSON.stringify([one.setWorld === same.setWorld, (await same.getWorld()) === world]));
  `);
  expect(seen).toEqual([false, true]);
});

test("two versions that are only imported live side by side", async () => {
  const seen = await run(`
    import * as one from "./one/index.mjs";
    import * as other from "./other/index.mjs";
    const error = new other.FatalError("no");
    other.setWorld(undefined);
    console.log(JSON.stringify(one.FatalError.is(error)));
  `);
  expect(seen).toBe(true);
});

test("workflow code knows nothing of processes", () => {
  expect(PRELUDE).not.toContain("VERSION_CONFLICT");
});
