import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Child, startNode } from "./support/child.ts";

const FOLDER = join(import.meta.dirname, "fixtures/surroundings");

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "surroundings-"));
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

function app(args: readonly string[], { node = [], worker = "off" }: { node?: string[]; worker?: string } = {}): Child {
  const env = { WORKFLOW_LOCAL_DATA_DIR: data, WORKFLOW_WORKER: worker };
  const child = startNode([...node, "--import", "workflow/register", ...args], { cwd: FOLDER, env });
  onTestFinished(async () => void (await child.kill("SIGKILL")));
  return child;
}

describe("workflow code that misbehaves, in a process of its own", () => {
  test("an unhandled rejection belongs to its run: it is named, with the user's line, and the run goes on", async () => {
    const child = app(["careless.ts"], { worker: "" });
    const [, one] = await child.line(/^(wrun_\S+) one went on$/);
    const [, two] = await child.line(/^(wrun_\S+) two went on$/);
    await child.line(/^alive$/);
    expect(await child.exit).toEqual({ code: 0, signal: null });
    for (const [runId, name] of [
      [one, "one"],
      [two, "two"],
    ]) {
      expect(child.stderr).toMatch(
        new RegExp(
          `workflow code of run ${runId} was rejected.*nobody looks at ${name}\\n +at failing \\(workflows.ts:13:`,
        ),
      );
    }
    expect(child.stderr).not.toMatch(/dist\/worker|node:/);
  });

  test("an unhandled rejection of the application itself ends the process, as it does without a worker", async () => {
    const child = app(["careless.ts", "own"], { worker: "" });
    expect(await child.exit).toEqual({ code: 1, signal: null });
    expect(child.stdout).not.toContain("alive");
    expect(child.stderr).toContain("Error: of the app");
  });

  test("an endless loop ends its turn with an error that names run and line; the worker lives", async () => {
    const child = app(["endless.ts"]);
    const [, runId, status, problem] = await child.line(/^stuck (\S+) (\S+) (.*)$/);
    await child.line(/^next next went on$/);
    expect(status).toBe("pending");
    expect(JSON.parse(problem ?? "")).toMatchObject({
      code: "WORKFLOW_STUCK",
      message: expect.stringMatching(`${runId} .*was stopped at workflows.ts:18:`),
    });
  });

  test("runs that hold more than the heap does are let go and brought back", { timeout: 60_000 }, async () => {
    const child = app(["heavy.ts", "120"], { node: ["--max-old-space-size=120"] });
    expect(await child.exit).toEqual({ code: 0, signal: null });
    const { wrong, replays } = JSON.parse(child.stdout) as { wrong: number; replays: number };
    expect(wrong).toBe(0);
    expect(replays).toBeGreaterThan(40);
  });
});
