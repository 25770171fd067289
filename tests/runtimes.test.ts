// Runtimes that say they are Node.js, and on which runs would go wrong: docs/runtimes.md.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bunProgram, denoProgram, obtain } from "./packages/programs.ts";
import { type Child, startNode } from "./support/child.ts";
import { PROGRAM } from "./support/cli.ts";

const PACKAGE = join(import.meta.dirname, "../packages/workflow");

const RUNTIMES = [
  { name: "Bun 1.4.5", program: await obtain(bunProgram("1.4.5")), run: [] },
  { name: "Deno 2.9.6", program: await obtain(denoProgram("2.9.6")), run: ["run", "-A"] },
];

const IMPORTS = `
  const outcomes = {};
  for (const entry of ["workflow", "workflow/api", "workflow/http", "workflow/runtime", "workflow/errors"]) {
    outcomes[entry] = await import(entry).then(() => "imported", ({ name, code }) => name + " " + code);
  }
  console.log(JSON.stringify(outcomes));`;

describe.each(RUNTIMES)("on $name", { timeout: 60_000 }, ({ name, program, run }) => {
  async function outcomeOf(...args: string[]): Promise<Pick<Child, "stdout" | "stderr"> & { code: number | null }> {
    await using child = startNode([...run, ...args], { cwd: project(), node: String(program) });
    const { code } = await child.exit;
    return { code, stdout: child.stdout, stderr: child.stderr };
  }

  test.skipIf(program === undefined)("what runs workflows cannot be imported; what only names things can", async () => {
    const { stdout, stderr } = await outcomeOf("imports.mjs");
    expect(stderr).toBe("");
    const refused = "WorkflowError UNSUPPORTED_NODE";
    expect(JSON.parse(stdout)).toEqual({
      workflow: refused,
      "workflow/api": refused,
      "workflow/http": refused,
      "workflow/runtime": refused,
      "workflow/errors": "imported",
    });
  });

  test.skipIf(program === undefined).each([
    ["workflow/register", "register.mjs"],
    ["the program workflow", PROGRAM],
  ])("%s prints one clear line and ends the process", async (_what, file) => {
    const line = `workflow needs Node.js 22.15 or newer; this is ${name} (UNSUPPORTED_NODE)\n`;
    expect(await outcomeOf(file)).toEqual({ code: 1, stdout: "", stderr: line });
  });
});

/** One that has the package installed. */
function project(): string {
  const folder = mkdtempSync(join(tmpdir(), "runtimes-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(PACKAGE, join(folder, "node_modules/workflow"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { workflow: "*" } }));
  writeFileSync(join(folder, "imports.mjs"), IMPORTS);
  writeFileSync(join(folder, "register.mjs"), 'await import("workflow/register");');
  return folder;
}
