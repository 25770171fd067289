import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { parseModule } from "../packages/workflow/src/compiler/ast.ts";

const ROOT = join(import.meta.dirname, "..");
const DOCS = join(ROOT, "docs/errors");

/** The members of a union of string literals that a source file exports. */
function unionOf(file: string, type: string): string[] {
  const path = join(ROOT, "packages/workflow/src", file);
  const parsed = parseModule(readFileSync(path, "utf8"), path);
  if (parsed.status === "refused") throw new Error(`${file} does not parse`);
  for (const statement of parsed.module.program.body) {
    if (statement.type !== "ExportNamedDeclaration" || statement.declaration?.type !== "TSTypeAliasDeclaration")
      continue;
    const { id, typeAnnotation } = statement.declaration;
    if (id.name !== type || typeAnnotation.type !== "TSUnionType") continue;
    return typeAnnotation.types.map((member) => {
      if (member.type === "TSLiteralType" && member.literal.type === "Literal") return String(member.literal.value);
      throw new Error(`${type} has a member that is not a literal`);
    });
  }
  throw new Error(`${file} exports no union ${type}`);
}

function headingsOf(page: string, level: string): string[] {
  const lines = readFileSync(join(DOCS, page), "utf8").split("\n");
  return lines.filter((line) => line.startsWith(`${level} `)).map((line) => line.slice(level.length + 1));
}

const codes = unionOf("world/errors.ts", "ErrorCode").toSorted();
const pages = readdirSync(DOCS).filter((file) => file !== "README.md");

test("every error code has a page, and every page an error code [03-3.6.pages]", () => {
  expect(pages.map((file) => basename(file, ".md")).toSorted()).toEqual(codes);
});

test.each(pages)("%s says what happened, why, and what to do", (page) => {
  expect(headingsOf(page, "#")).toEqual([basename(page, ".md")]);
  expect(headingsOf(page, "##")).toEqual(["What happened", "Why", "What to do"]);
});

test("the index lists every code once, in order", () => {
  const index = readFileSync(join(DOCS, "README.md"), "utf8");
  expect([...index.matchAll(/^\| \[([A-Z_]+)\]\(\1\.md\)/gm)].map((match) => match[1])).toEqual(codes);
});

test("every kind of diagnostic has a section, and every section a kind", () => {
  const kinds = unionOf("compiler/types.ts", "DiagnosticCode");
  expect(headingsOf("WORKFLOW_BUILD_FAILED.md", "###")).toEqual(kinds.toSorted());
});
