// The package alone, as package managers install it, on each Node.js that it says it runs on. Real processes.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNode } from "../support/child.ts";
import { installedSize } from "./installed-size.ts";
import { installTarballs, outsideOfScripts, packPackages, type Tarballs } from "./npm.ts";
import { nodeProgram, obtain } from "./programs.ts";

const MOST = { megabytes: 40, packages: 60 };
const PATIENCE_MS = 120_000;
const APP = join(import.meta.dirname, "../fixtures/packaging/app.ts");

const PNPM = await obtain({ spec: "pnpm@12.21.0", path: ".bin/pnpm" });

/** The oldest that will do, the one that all else is tested with, and the newest. */
const NODES = await Promise.all(
  ["22.15.0", process.versions.node, "26.12.1"].map(async (version) => ({
    version,
    node: version === process.versions.node ? process.execPath : await obtain(nodeProgram(version)),
  })),
);

const MANAGERS = [
  { name: "npm", isMissing: false, install: installTarballs },
  { name: "pnpm", isMissing: PNPM === undefined, install: installWithPnpm },
];

let folder: string;
let tarballs: Tarballs;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "installs-"));
  tarballs = await packPackages(folder);
}, PATIENCE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function installWithPnpm(directory: string, paths: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  // A store of its own, or pnpm would make one at the root of this file system.
  const flags = ["--ignore-scripts", "--prefer-offline", "--store-dir", join(folder, "store")];
  await promisify(execFile)(String(PNPM), ["add", ...flags, ...paths], { cwd: directory, env: outsideOfScripts() });
}

describe.each(MANAGERS)("installed by $name", ({ name, isMissing, install }) => {
  let app: string;

  beforeAll(async () => {
    app = join(folder, name);
    if (isMissing) return;
    await install(app, [tarballs.workflow]);
    copyFileSync(APP, join(app, "app.ts"));
  }, PATIENCE_MS);

  test.skipIf(isMissing)("the package alone is small", () => {
    const { megabytes, packages } = installedSize(app);
    const packed = (statSync(tarballs.workflow).size / 1e6).toFixed(2);
    console.log(`workflow alone, by ${name}: ${packed} MB packed, ${megabytes.toFixed(1)} MB, ${packages} packages`);
    expect(packages).toBeGreaterThan(1);
    expect(megabytes).toBeLessThan(MOST.megabytes);
    expect(packages).toBeLessThan(MOST.packages);
  });

  test.skipIf(isMissing).for(NODES)(
    "a run that one process died with is finished by another, on Node $version",
    { timeout: 60_000 },
    async ({ version, node }, { skip }) => {
      skip(node === undefined, `Node ${version} cannot be had here`);
      const order = `o-${version}`;
      const run = (...args: string[]) =>
        startNode(["--import", "workflow/register", "app.ts", ...args], { cwd: app, node: String(node) });
      await using first = run("start", order);
      await first.line(/^waiting (wrun_\w+)$/);
      await first.kill("SIGKILL");
      await using second = run("approve", order, "ada");
      const [, , result] = await second.line(/^result (\w+) (.*)$/);
      expect(result).toBe(`reserved ${order}, approved by ada, shipped`);
      expect(await second.exit).toEqual({ code: 0, signal: null });
      expect(withoutWarnings(first.stderr + second.stderr)).toBe("");
    },
  );
});

test.skipIf(PNPM === undefined)(
  "with the strict folders of pnpm all packages come out of the tarballs",
  { timeout: PATIENCE_MS },
  async () => {
    const app = join(folder, "pnpm-all");
    await installWithPnpm(app, Object.values(tarballs));
    const lock = readFileSync(join(app, "pnpm-lock.yaml"), "utf8");
    const ours = [...lock.matchAll(/^ {2}'?((?:@workflow\/[^@]+|workflow)@[^(':]+:?)/gm)].map((match) => match[1]);
    expect(new Set(ours)).toEqual(
      new Set(["workflow@file:", "@workflow/serde@file:", "@workflow/world@file:", "@workflow/world-postgres@file:"]),
    );
  },
);

/** Of Node.js, about what is new in it. */
function withoutWarnings(stderr: string): string {
  return stderr
    .split("\n")
    .filter((line) => !/ExperimentalWarning|--trace-warnings/.test(line))
    .join("\n")
    .trim();
}
