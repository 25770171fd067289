// An application whose workflow file has schemas of real libraries, run as users run it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startNode } from "./support/child.ts";

test("a defined hook whose schema is made at module level works on both sides of the realm's wall", async () => {
  const data = mkdtempSync(join(tmpdir(), "schemas-"));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const args = ["--import", "workflow/register", "app.ts", "zod", "valibot", "arktype"];
  const cwd = join(import.meta.dirname, "fixtures/schemas");
  await using child = startNode(args, { cwd, env: { WORKFLOW_LOCAL_DATA_DIR: data } });
  expect(await child.exit).toEqual({ code: 0, signal: null });
  expect(child.stderr).toBe("");
  expect(child.stdout.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/"expense:zod" is not valid, nothing was delivered: amount: /),
    "zod: 42, no note",
    expect.stringMatching(/"expense:valibot" is not valid, nothing was delivered: amount: /),
    "valibot: 42, no note",
    expect.stringMatching(/"expense:arktype" is not valid, nothing was delivered: amount: /),
    "arktype: 42, no note",
  ]);
});
