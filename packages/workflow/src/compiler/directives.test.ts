// What the contract says about directives as such (01 sections 1.1 and 1.16). Nothing compiles this file.
import { expect, test } from "vitest";
import { sleep } from "../index.ts";
import { compile } from "./compile.ts";
import type { Compiled, Mode } from "./types.ts";

const run = (mode: Mode, source: string): Compiled =>
  compile({ source, file: "/app/m.ts", moduleSpecifier: "./m", mode });

async function order(n: number): Promise<number> {
  "use workflow";
  return charge(n);
}

async function charge(n: number): Promise<number> {
  "use step";
  return n + 1;
}

async function waits(): Promise<void> {
  "use workflow";
  await sleep("1s");
}

test("without the compiler a directive does nothing, and what needs the runtime throws [01-1.1.inert]", async () => {
  expect(await order(1)).toBe(2);
  await expect(waits()).rejects.toMatchObject({ name: "NotInWorkflowContextError" });
});

test.each(["use workflow", "use step"])(
  "%s anywhere but first in a function or file is reported [01-1.1.first]",
  (directive) => {
    const later = `export async function order() {\n  const id = 1;\n  "${directive}";\n  return id;\n}`;
    for (const mode of ["host", "realm"] as const) {
      const { diagnostics, manifest } = run(mode, later);
      expect(diagnostics).toMatchObject([{ code: "directive-misplaced", severity: "error", line: 3, column: 3 }]);
      expect([manifest.workflows, manifest.steps]).toEqual([[], []]);
    }
    const [first] = run("host", `export async function order() {\n  "${directive}";\n}`).diagnostics;
    expect(first).toBeUndefined();
  },
);

test.each([
  ["a template", 'export const text = `async function a() { "use workflow"; }`;'],
  ["comments", `// "use workflow"\n/* "use step" */\nexport const a = 1;`],
  ["a value", `export const data = ["use step", { "use workflow": "use step" }];`],
  ["an expression in backticks", "export async function order() { `use workflow`; return 1; }"],
  ["a result", `export const quoted = () => "use workflow";`],
])("text in %s is no directive [01-1.16.not-a-directive]", (_where, source) => {
  for (const mode of ["host", "realm"] as const) {
    expect(run(mode, source)).toMatchObject({ code: source, diagnostics: [], manifest: { workflows: [], steps: [] } });
  }
});

test("host and realm code import nothing that the source does not [01-1.16.inlined]", () => {
  const source = `export async function order() { "use workflow"; return charge(); }\nasync function charge() { "use step"; }`;
  for (const mode of ["host", "realm"] as const) {
    const { code } = run(mode, source);
    expect(code).not.toBe(source);
    expect(code).not.toMatch(/\bimport\b|\brequire\b/);
  }
});
