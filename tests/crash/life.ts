import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startNode } from "../support/child.ts";
import type { ChildReport } from "./child.ts";
import { type Dump, dumpWorld } from "./dump.ts";
import { EVIDENCE, type Line, readEvidence } from "./evidence.ts";

const REPOSITORY = join(import.meta.dirname, "../..");

/** Hundreds of processes load the same modules. */
const COMPILED = join(tmpdir(), "workflow-crash-compiled");

/** What was stored, and how far the evidence had come, when a process was killed. */
export interface Crash {
  readonly lines: number;
  readonly stored: Dump;
}

/** A scenario from its beginning to its end, through any number of processes. */
export interface Life {
  readonly evidence: readonly Line[];
  readonly crashes: readonly Crash[];
  readonly end: Dump;
}

export type Lived =
  | { readonly status: "ended"; readonly life: Life }
  /** A process ended in a way that it must not, or there were too many of them. */
  | { readonly status: "broken"; readonly why: string };

/** A directory for one case: the data, the evidence, and what else its processes write. */
export function newDirectory(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), `workflow-crash-${name}-`));
  writeFileSync(evidenceIn(directory), "");
  return directory;
}

export function evidenceIn(directory: string): string {
  return join(directory, "evidence.ndjson");
}

export function dataIn(directory: string): string {
  return join(directory, "data");
}

/** Starts a program with `workflow/register`, on the data of `directory` unless `more` names another World. */
export function startProgram(
  directory: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Child {
  const env = {
    WORKFLOW_WORKER: "off",
    WORKFLOW_LOCAL_DATA_DIR: dataIn(directory),
    [EVIDENCE]: evidenceIn(directory),
    NODE_COMPILE_CACHE: COMPILED,
    ...more,
  };
  return startNode(["--import", "workflow/register", ...args], { cwd: REPOSITORY, env });
}

type LocalWorld = typeof import("../../packages/workflow/src/local/world.ts");

/** The built one, as in the processes under test: its thread starts in a third of the time. */
const LOCAL_WORLD = new URL("../../packages/workflow/dist/local/world.js", import.meta.url).href;

/** What is stored in a data directory that nobody uses. */
export async function dumpDirectory(data: string): Promise<Dump> {
  const { createLocalWorld } = (await import(LOCAL_WORLD)) as LocalWorld;
  const world = await createLocalWorld({ directory: data });
  try {
    return await dumpWorld(world);
  } finally {
    await world.close();
  }
}

/** Tells a scenario in one process, without a crash. @throws with what was printed, when the process fails. */
export async function tell(directory: string, scenario: string, options: readonly string[] = []): Promise<ChildReport> {
  const file = join(directory, "report.json");
  await using child = startProgram(directory, ["tests/crash/child.ts", scenario, "--report", file, ...options]);
  const { code, signal } = await child.exit;
  if (code !== 0)
    throw new Error(`Without a crash, in ${directory}, ${scenario} ended with ${code ?? signal}:\n${child.stderr}`);
  return JSON.parse(readFileSync(file, "utf8")) as ChildReport;
}

/**
 * Tells a scenario through crashes: the n-th process is killed at the n-th of `points`, if it comes there, and those
 * after them die only of what they do themselves. Over when a process comes to the end.
 */
export async function live(
  directory: string,
  scenario: string,
  points: readonly string[],
  mostDeaths: number,
): Promise<Lived> {
  const crashes: Crash[] = [];
  while (crashes.length <= mostDeaths) {
    const point = points[crashes.length];
    const crash = point === undefined ? [] : ["--crash", point];
    await using child = startProgram(directory, ["tests/crash/child.ts", scenario, ...crash]);
    const { code, signal } = await child.exit;
    if (code === 0 && child.stderr === "") {
      const evidence = readEvidence(evidenceIn(directory));
      return { status: "ended", life: { evidence, crashes, end: await dumpDirectory(dataIn(directory)) } };
    }
    if (signal !== "SIGKILL" || child.stderr !== "") {
      return {
        status: "broken",
        why: `process ${crashes.length + 1} ended with ${code ?? signal}, and said: ${child.stderr}`,
      };
    }
    crashes.push(await lookAt(directory));
  }
  return { status: "broken", why: `more than ${mostDeaths} processes died` };
}

/** Looks at a copy, so that the next process finds what the kill left, and not what the look made of it. */
async function lookAt(directory: string): Promise<Crash> {
  const lines = readEvidence(evidenceIn(directory)).length;
  const copy = join(directory, "copy");
  if (!existsSync(dataIn(directory))) return { lines, stored: { runs: [], tokens: [], held: [], nextDueAt: null } };
  cpSync(dataIn(directory), copy, { recursive: true });
  try {
    return { lines, stored: await dumpDirectory(copy) };
  } finally {
    rmSync(copy, { recursive: true });
  }
}
