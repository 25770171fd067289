import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { transformSync } from "rolldown/utils";
import { parseModule } from "./ast.ts";
import { compile } from "./compile.ts";
import { analyseScopes } from "./scopes.ts";
import type { Compiled, Diagnostic, Mode } from "./types.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const cases = readdirSync(FIXTURES).map(readCase);

describe.each(cases.filter(({ name }) => !name.startsWith("refused-")))(
  "$name",
  ({ folder, extension, run, source }) => {
    test.each<Mode>(["host", "realm"])("%s code", async (mode) => {
      const { code, diagnostics } = run(mode);
      const file = join(folder, `${mode}.${extension}`);
      expect(diagnostics).toEqual([]);
      await expect(code).toMatchFileSnapshot(file);
      expect(transformSync(file, code).errors).toEqual([]);
    });

    test.each<Mode>(["host", "realm"])("%s code needs nothing that the source does not define or need", (mode) => {
      const known = new Set([
        ...globalsOf(source, extension),
        "__workflow",
        "Error",
        "Function",
        "Map",
        "Object",
        "Reflect",
        "Symbol",
        "globalThis",
        "undefined",
      ]);
      expect(globalsOf(run(mode).code, extension).filter((name) => !known.has(name))).toEqual([]);
    });

    test("manifest", async () => {
      const { manifest } = run("host");
      expect(run("realm").manifest).toEqual(manifest);
      await expect(`${JSON.stringify(manifest, undefined, 2)}\n`).toMatchFileSnapshot(join(folder, "manifest.json"));
      expect(readdirSync(folder)).toEqual([
        `host.${extension}`,
        `input.${extension}`,
        "manifest.json",
        `realm.${extension}`,
      ]);
    });
  },
);

describe.each(cases.filter(({ name }) => name.startsWith("refused-")))(
  "$name",
  ({ folder, run, extension, source }) => {
    test("diagnostics", async () => {
      const { code, diagnostics } = run("host");
      expect(code).toBe(source);
      expect(run("realm").diagnostics).toEqual(diagnostics);
      await expect(diagnostics.map(describeDiagnostic).join("")).toMatchFileSnapshot(join(folder, "diagnostics.txt"));
      expect(readdirSync(folder)).toEqual(["diagnostics.txt", `input.${extension}`]);
    });
  },
);

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly extension: string;
  readonly source: string;
  readonly run: (mode: Mode) => Compiled;
}

function readCase(name: string): Case {
  const folder = join(FIXTURES, name);
  const input = readdirSync(folder).find((file) => file.startsWith("input.")) ?? "";
  const source = readFileSync(join(folder, input), "utf8");
  const run = (mode: Mode): Compiled => {
    return compile({ source, file: `/app/src/${input}`, moduleSpecifier: "./src/input", mode });
  };
  return { name, folder, extension: input.slice("input.".length), source, run };
}

function globalsOf(code: string, extension: string): string[] {
  const parsed = parseModule(code, `/app/src/input.${extension}`);
  if (parsed.status === "refused") throw new Error(parsed.diagnostics[0]?.message);
  const { references } = analyseScopes(parsed.module.program);
  return references.filter(({ binding }) => binding === undefined).map(({ name }) => name);
}

function describeDiagnostic({ file, line, column, severity, code, message, fix }: Diagnostic): string {
  return `${file}:${line}:${column} ${severity} ${code}\n  ${message}\n  ${fix}\n`;
}
