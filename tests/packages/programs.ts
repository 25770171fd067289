import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { outsideOfScripts, REPOSITORY } from "./npm.ts";

const run = promisify(execFile);

/** A program that an npm package of this platform brings, for tests of other runtimes and package managers. */
export interface Program {
  /** With an exact version. */
  readonly spec: string;
  /** Below `node_modules`. */
  readonly path: string;
}

/** `npm ci` empties it. */
const CACHE = join(REPOSITORY, "node_modules/.cache/programs");

/**
 * Where the program is, once it was fetched with npm, or undefined where it cannot be had: without a network, or for
 * this platform. The scripts of its package do not run.
 */
export async function obtain({ spec, path }: Program): Promise<string | undefined> {
  const folder = join(CACHE, spec.replaceAll(/[^\w.-]/g, "_"));
  const program = join(folder, "node_modules", path);
  try {
    if (!existsSync(program)) await install(spec, folder);
    await run(program, ["--version"]);
    return program;
  } catch {
    return undefined;
  }
}

/** Beside its place first, so that no half of it is ever found there. */
async function install(spec: string, folder: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(join(CACHE, "draft-"));
  try {
    writeFileSync(join(draft, "package.json"), JSON.stringify({ private: true }));
    const flags = [
      "--ignore-scripts",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--no-package-lock",
      "--fetch-retries=1",
    ];
    await run("npm", ["install", ...flags, spec], { cwd: draft, env: outsideOfScripts() });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Of Node.js, as the package `node` would fetch it with a script. */
export function nodeProgram(version: string): Program {
  const { platform, arch } = process;
  const name = `${platform === "darwin" && arch === "arm64" ? "node-bin" : "node"}-${platform}-${arch}`;
  return { spec: `${name}@${version}`, path: `${name}/bin/node` };
}

export function bunProgram(version: string): Program {
  const name = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`;
  return { spec: `${name}@${version}`, path: `${name}/bin/bun` };
}

export function denoProgram(version: string): Program {
  const name = `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
  return { spec: `${name}@${version}`, path: `${name}/deno` };
}
