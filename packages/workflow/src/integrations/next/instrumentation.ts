import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withExtension } from "./conventions.ts";

const CREATED = `// Next.js runs this file when the server starts, and has to find it. withWorkflow (next.config) has created it and, in the
// build, adds to it what executes workflow runs. Keep it under version control; it is yours to extend.
export function register() {}
`;

/** The file that Next.js runs when the server starts: the user's, or else one that is created. */
export function ensureInstrumentation(folder: string, root: string, extensions: readonly string[]): string {
  const candidates = extensions.map((extension) => join(folder, `instrumentation.${extension}`));
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  const created = join(folder, withExtension("instrumentation", root, extensions));
  writeFileSync(created, CREATED);
  return created;
}

/**
 * The code of that file with the start of the worker before everything else, on its first line: no other line moves. The
 * build itself, which may load the file as well, executes no runs.
 */
export function withStart(code: string, server: string): string {
  const condition = `process.env.NEXT_RUNTIME === "nodejs" && process.env.NEXT_PHASE !== "phase-production-build"`;
  return `if (${condition}) await import(${JSON.stringify(server)}); ${code}`;
}
