// npm run packages: are the packages, as they would be published, in order?
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { problemsOfContents } from "./packages/contents.ts";
import { type PackedName, packPackages, PACKAGES, REPOSITORY, unpack } from "./packages/npm.ts";

const folder = mkdtempSync(join(tmpdir(), "packages-"));
try {
  const problems = await check();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function check(): Promise<string[]> {
  const tarballs = await packPackages(folder);
  const problems = await Promise.all(PACKAGES.map((name) => checkTarball(name, tarballs[name])));
  return problems.flat();
}

async function checkTarball(name: PackedName, tarball: string): Promise<string[]> {
  const unpacked = await unpack(tarball, join(folder, "unpacked", name));
  const source = dirname(createRequire(join(REPOSITORY, "package.json")).resolve(`${name}/package.json`));
  const problems = [...problemsOfContents(unpacked, source), ...(await lint(unpacked)), ...(await checkTypes(tarball))];
  console.log(`${name}: ${problems.length === 0 ? "in order" : `${problems.length} problems`}`);
  return problems.map((problem) => `${name}: ${problem}`);
}

async function lint(directory: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: directory, pack: false, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** How TypeScript sees the package: from ES modules in Node, and from bundlers. */
async function checkTypes(tarball: string): Promise<string[]> {
  const attw = join(REPOSITORY, "node_modules/.bin/attw");
  try {
    await promisify(execFile)(attw, [
      tarball,
      "--profile",
      "esm-only",
      "--format",
      "ascii",
      "--no-emoji",
      "--no-color",
    ]);
    return [];
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return [`attw: ${stdout}${stderr}`];
  }
}
