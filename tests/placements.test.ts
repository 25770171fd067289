// Directives wherever they may stand (contract 01 section 1.3), compiled and run as an application is.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { startNode } from "./support/child.ts";

interface Seen {
  readonly id: string;
  readonly result: unknown;
  readonly steps: readonly string[];
}

let seen: Record<string, Seen>;
let runs: number;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "placements-"));
  const cwd = join(import.meta.dirname, "fixtures/placements");
  const child = startNode(["--import", "workflow/register", "main.ts"], {
    cwd,
    env: { WORKFLOW_LOCAL_DATA_DIR: folder },
  });
  const { code } = await child.exit;
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(child.stderr);
  ({ seen, runs } = JSON.parse(child.stdout) as { seen: Record<string, Seen>; runs: number });
}, 60_000);

const steps = (...paths: string[]): string[] => paths.map((path) => `step//./workflows//${path}`);
const PACK = "step//./file-steps//pack";

test("steps that are not exported, arrows and function expressions [01-1.3.declaration] [01-1.3.not-exported] [01-1.3.arrow] [01-1.2.host]", () => {
  const expected = { result: [5, 8, -4, 14], steps: [...steps("addOne", "double", "negate"), PACK] };
  expect(seen["declared"]).toEqual({ id: "workflow//./workflows//declared", ...expected });
  expect(seen["arrow"]).toEqual({ id: "workflow//./workflows//arrow", result: 8, steps: steps("double") });
});

test("a directive at the top of a file [01-1.3.file-level]", () => {
  expect(seen["fileLevel"]).toEqual({ id: "workflow//./file-workflows//fileLevel", result: 15, steps: [PACK] });
});

test("what is exported again keeps the id of where it stands [01-1.3.re-export] [01-1.4.stable]", () => {
  expect(seen["renamed"]).toEqual({ id: "workflow//./file-workflows//fileLevelArrow", result: 14, steps: [PACK] });
});

test("an inline step gets copies of what it captures; what it changes is lost [01-1.17.4] [01-1.3.captures] [01-1.3.nested] [01-1.3.nested-name] [06-6.1.closures]", () => {
  expect(seen["byValue"]).toMatchObject({ result: { raised: [9, "string"], max: 4 }, steps: steps("byValue/raise") });
});

test("callbacks run in the sandbox and change what they capture; a step cannot take one along [01-1.3.callbacks] [06-6.4.functions]", () => {
  const raised = expect.stringMatching(/SerializationError: .*closureVars\.see is a function/);
  expect(seen["captures"]).toMatchObject({ result: { raised, max: 4, seen: ["a", "b"] }, steps: [] });
});

test("a step that a factory made is called, and given to another step that calls it [01-1.3.factory] [06-6.6.steps] [01-1.2.value]", () => {
  expect(seen["factory"]).toMatchObject({
    result: [12, 12, 8],
    steps: steps("multiplier/multiply", "applied", "applied"),
  });
});

test("an arrow step uses the this of the function around it [01-1.3.lexical-this]", () => {
  expect(seen["lexicalThis"]).toMatchObject({ result: "I am Ada" });
});

test("static methods, and methods and properties of objects [01-1.3.static-method] [01-1.3.object-method]", () => {
  expect(seen["methods"]).toMatchObject({
    result: ["sent to ada", "found tea", "read p. 7"],
    steps: steps("Mailer/send", "tools/search/execute", "tools/read/execute"),
  });
});

test("a workflow that another calls is part of its run [01-1.1.flattened] [07-7.9.flattened]", () => {
  expect(seen["outer"]).toMatchObject({
    result: [[5, 8, -4, 14], 5],
    steps: [...steps("addOne", "double", "negate"), PACK, ...steps("addOne")],
  });
  // One for each, and one that the step of `reference` starts.
  expect(runs).toBe(Object.keys(seen).length + 1);
});

test("a step that calls steps runs them itself: they are no steps of the run [01-1.2.plain-call]", () => {
  expect(seen["stepInStep"]).toMatchObject({ result: 9, steps: steps("twiceAsMuch") });
});

test("a workflow can be given to a step, which starts it [06-6.6.workflows] [06-6.3.functions] [02-2.0.in-steps]", () => {
  expect(seen["reference"]).toMatchObject({ result: 8, steps: steps("begin") });
});
