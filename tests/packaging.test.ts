import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installTarballs, packPackages, PACKAGES, REPOSITORY, type Tarballs } from "./packages/npm.ts";
import { startNode } from "./support/child.ts";
import { worldEnvironment } from "./support/postgres/world-environment.ts";

const FIXTURES = join(import.meta.dirname, "fixtures/packaging");
const NPM_TIMEOUT_MS = 120_000;

let folder: string;
let app: string;
let tarballs: Tarballs;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "packaging-"));
  app = join(folder, "app");
  tarballs = await packPackages(folder);
  await installTarballs(app, Object.values(tarballs));
  for (const file of ["app.ts", "types.ts"]) copyFileSync(join(FIXTURES, file), join(app, file));
}, NPM_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every package of this project came out of a tarball", () => {
  const lock = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8")) as Lock;
  const ours = Object.entries(lock.packages).filter(([path]) =>
    /node_modules\/(workflow|@workflow\/[^/]+)$/.test(path),
  );
  expect(Object.fromEntries(ours.map(([path, { resolved }]) => [path, resolved]))).toEqual({
    "node_modules/workflow": expect.stringMatching(/^file:.*\/workflow-\d+\.\d+\.\d+\.tgz$/),
    "node_modules/@workflow/serde": expect.stringMatching(/^file:.*\/workflow-serde-\d+\.\d+\.\d+\.tgz$/),
    "node_modules/@workflow/world": expect.stringMatching(/^file:.*\/workflow-world-\d+\.\d+\.\d+\.tgz$/),
    "node_modules/@workflow/world-postgres": expect.stringMatching(
      /^file:.*\/workflow-world-postgres-\d+\.\d+\.\d+\.tgz$/,
    ),
  });
  const installed = readdirSync(join(app, "node_modules"), { recursive: true, encoding: "utf8" });
  const folders = installed.filter((path) => /(^|node_modules\/)(workflow|@workflow\/[^/]+)$/.test(path));
  expect(folders.toSorted()).toEqual(["@workflow/serde", "@workflow/world", "@workflow/world-postgres", "workflow"]);
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

test.each(PACKAGES)("%s brings the licence of the repository", (name) => {
  const licence = readFileSync(join(app, "node_modules", name, "LICENSE"), "utf8");
  expect(licence).toBe(readFileSync(join(REPOSITORY, "LICENSE"), "utf8"));
});

describe("types", () => {
  test.each([
    ["nodenext", "nodenext"],
    ["bundler", "preserve"],
  ])("resolve and hold with moduleResolution %s [01-1.0.specifiers]", async (moduleResolution, module) => {
    const library = { target: "es2024", lib: ["es2024", "esnext.disposable"], skipLibCheck: false };
    const nodeTypes = { types: ["node"], typeRoots: [join(REPOSITORY, "node_modules/@types")] };
    const compilerOptions = { module, moduleResolution, ...library, ...nodeTypes, strict: true, noEmit: true };
    const project = join(app, `tsconfig.${moduleResolution}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ["types.ts"] }));
    expect(await typeCheck(project)).toBe("");
  });

  test.each([
    ["nodenext", "nodenext"],
    ["bundler", "preserve"],
  ])("there are some for every entry of every package with moduleResolution %s", async (moduleResolution, module) => {
    const specifiers = PACKAGES.flatMap(entriesOf);
    expect(specifiers).toContain("workflow/api");
    writeFileSync(join(app, "entries.ts"), importsOf(specifiers));
    // What an entry is for, a framework say, need not be there.
    const library = { target: "es2024", lib: ["es2024", "dom", "esnext.disposable"], skipLibCheck: true };
    const nodeTypes = { types: ["node"], typeRoots: [join(REPOSITORY, "node_modules/@types")] };
    const compilerOptions = { module, moduleResolution, ...library, ...nodeTypes, strict: true, noEmit: true };
    const project = join(app, `tsconfig.entries.${moduleResolution}.json`);
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ["entries.ts"] }));
    expect(await typeCheck(project)).toBe("");
  });

  /** One that has no types is an error. */
  function importsOf(specifiers: readonly string[]): string {
    return specifiers.map((name, index) => `export type * as entry${index} from ${JSON.stringify(name)};`).join("\n");
  }

  function entriesOf(name: string): string[] {
    const manifest = readFileSync(join(app, "node_modules", name, "package.json"), "utf8");
    const { exports } = JSON.parse(manifest) as { readonly exports: Readonly<Record<string, unknown>> };
    const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
    return entries.map((entry) => `${name}${entry.slice(1)}`);
  }

  async function typeCheck(project: string): Promise<string> {
    const tsc = join(REPOSITORY, "node_modules/.bin/tsc");
    try {
      return (await promisify(execFile)(tsc, ["-p", project])).stdout;
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout ?? error);
    }
  }
});

test.each(["workflow", "wf"])(
  "%s is a program that can be run once the package is installed [01-1.0.bin]",
  async (name) => {
    const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const options = { cwd: app, env: { ...process.env, PATH } };
    const { stdout } = await promisify(execFile)(join(app, "node_modules/.bin", name), ["--version"], options);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  },
);

test.each([
  { name: "the embedded World", order: "o1", open: async () => ({}) },
  { name: "PostgreSQL", order: "o2", open: worldEnvironment },
])("on $name a run that one process died with is finished by another [01-1.2.host]", async ({ order, open }) => {
  const env = await open();
  const run = (...args: string[]) => startNode(["--import", "workflow/register", "app.ts", ...args], { cwd: app, env });
  await using first = run("start", order);
  const [, runId] = await first.line(/^waiting (wrun_\w+)$/);
  expect(await first.kill("SIGKILL")).toEqual({ code: null, signal: "SIGKILL" });

  await using second = run("approve", order, "ada");
  const [, finished, result] = await second.line(/^result (\w+) (.*)$/);
  expect({ finished, result }).toEqual({ finished: runId, result: `reserved ${order}, approved by ada, shipped` });
  const steps = readFileSync(join(app, "steps.log"), "utf8").split("\n");
  expect(steps.filter((step) => step.includes(order))).toEqual([`reserve ${order}`, `ship reserved ${order}`]);
  expect(first.stderr + second.stderr).toBe("");
  expect(await second.exit).toEqual({ code: 0, signal: null });
});
