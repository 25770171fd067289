import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startNode } from "../support/child.ts";
import type { ChildReport } from "./child.ts";
import type { Dump } from "./dump.ts";
import { EVIDENCE, type Line, readEvidence } from "./evidence.ts";
import { evidenceIn, storageOf } from "./storage.ts";

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

/** Starts a program with `workflow/register`, on the data of `directory` unless `more` names another World. */
export function startProgram(
  directory: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Child {
  const env = {
    WORKFLOW_WORKER: "off",
    ...storageOf(directory).env,
    [EVIDENCE]: evidenceIn(directory),
    NODE_COMPILE_CACHE: COMPILED,
    ...more,
  };
  return startNode(["--import", "workflow/register", ...args], { cwd: REPOSITORY, env });
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
      return { status: "ended", life: { evidence, crashes, end: await storageOf(directory).dump() } };
    }
    if (signal !== "SIGKILL" || child.stderr !== "") {
      return {
        status: "broken",
        why: `process ${crashes.length + 1} ended with ${code ?? signal}, and said: ${child.stderr}`,
      };
    }
    const lines = readEvidence(evidenceIn(directory)).length;
    crashes.push({ lines, stored: await storageOf(directory).look() });
  }
  return { status: "broken", why: `more than ${mostDeaths} processes died` };
}
