import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { cpus, hostname } from "node:os";
import { fileURLToPath } from "node:url";
import type { Result } from "./report.ts";

const RESULTS = fileURLToPath(new URL("results", import.meta.url));

export interface Measuring {
  readonly world: string;
  /** Of what the World stores in, as far as it matters. */
  readonly storage: string;
  /** How many processes wanted the processor in the minute before. */
  readonly load: number;
}

/** Adds the results to the file of this machine and day, each with what has to be known to compare it. */
export function keep(results: readonly Result[], measuring: Measuring): string {
  const at = new Date().toISOString();
  const cpu = `${cpus().length} x ${cpus()[0]?.model}`;
  const circumstances = { at, commit: commit(), node: process.version, cpu, ...measuring };
  const file = `${RESULTS}/${at.slice(0, 10)}-${hostname()}.jsonl`;
  mkdirSync(RESULTS, { recursive: true });
  appendFileSync(file, results.map((result) => `${JSON.stringify({ ...result, ...circumstances })}\n`).join(""));
  return file;
}

/** With `-dirty` when files differ from it. */
function commit(): string {
  return execFileSync("git", ["describe", "--always", "--dirty"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  }).trim();
}
