import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { complaintAbout } from "../packages/workflow/src/world/supported-node.ts";
import { type ChildOptions, startNode } from "./support/child.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const PROGRAMS = [
  { name: "workflow/register", args: ["--import", "workflow/register", join(FIXTURES, "servers/http.ts")] },
  { name: "the program workflow", args: [join(import.meta.dirname, "../packages/workflow/bin/workflow.js")] },
];

/** A Node of this machine that is really too old, where there is one. */
const OLD_NODE = nodesOfThisMachine().find((node) => complaintAbout({ node: versionOf(node) }) !== undefined);

describe.each(PROGRAMS)("$name on a Node that is too old prints one clear line and ends the process", (program) => {
  test("the version is made up", async () => {
    const args = ["--import", join(FIXTURES, "old-node.mjs"), ...program.args];
    const outcome = await outcomeOf(args, { cwd: FIXTURES, env: { PRETEND_NODE: "22.14.0" } });
    expect(outcome).toEqual(complaintOf("22.14.0"));
  });

  test.skipIf(OLD_NODE === undefined)(`the version is that of ${OLD_NODE}`, async () => {
    const node = String(OLD_NODE);
    expect(await outcomeOf(program.args, { cwd: FIXTURES, node })).toEqual(complaintOf(versionOf(node)));
  });
});

async function outcomeOf(args: readonly string[], options: ChildOptions): Promise<object> {
  await using child = startNode(args, options);
  const { code } = await child.exit;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

function complaintOf(version: string): object {
  const line = `workflow needs Node.js 22.15 or newer; this is ${version} (UNSUPPORTED_NODE)\n`;
  return { code: 1, stdout: "", stderr: line };
}

function nodesOfThisMachine(): string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, "node")).filter((node) => existsSync(node));
}

function versionOf(node: string): string {
  return execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" }).trim();
}
