import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseModule, walk } from "../../packages/workflow/src/compiler/ast.ts";

type Node = Parameters<typeof walk>[0];

/** The title of a test or of a group of tests, as it stands in the source. */
export interface Title {
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly tags: readonly string[];
}

/** The kit of Worlds calls it `check`. */
const TEST = /^(it|test|check|describe\w*)$/;
const TAG = /\s*\[(\d\d-[\w.-]+)\]/g;

/** The files that hold tests. The kit of Worlds is run by tests of other files. */
function testFiles(root: string): string[] {
  return ["packages", "tests"]
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: "utf8" }).map((file) => join(top, file)),
    )
    .filter((file) => !/node_modules|(^|\/)dist\//.test(file))
    .filter((file) => file.endsWith(".test.ts") || /testkit\/kit\/.*\.ts$/.test(file))
    .toSorted();
}

export function readTitles(root: string): Title[] {
  return testFiles(root).flatMap((file) => titlesIn(readFileSync(join(root, file), "utf8"), file));
}

/** @throws when the source does not parse: the proofs in an unread file would be missed. */
export function titlesIn(source: string, file: string): Title[] {
  const parsed = parseModule(source, file);
  if (parsed.status === "refused") throw new Error(`${file}: ${parsed.diagnostics[0]?.message}`);
  const { program, locate } = parsed.module;
  const found: Title[] = [];
  walk(program, (node) => {
    if (node.type !== "CallExpression" || !isTest(node.callee)) return;
    const text = textOf(node.arguments[0]);
    if (text === undefined) return;
    const tags = [...text.matchAll(TAG)].map(([, tag = ""]) => tag);
    found.push({ file, line: locate(node.arguments[0]?.start ?? 0).line, title: text.replaceAll(TAG, ""), tags });
  });
  return found;
}

/** `test`, `test.skipIf(...)`, `test.each(...)`, and the groups that run on every World. */
function isTest(callee: Node): boolean {
  if (callee.type === "Identifier") return TEST.test(callee.name);
  if (callee.type === "MemberExpression") return isTest(callee.object);
  if (callee.type === "TaggedTemplateExpression") return isTest(callee.tag);
  return callee.type === "CallExpression" && isTest(callee.callee);
}

function textOf(node: Node | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node?.type !== "TemplateLiteral") return undefined;
  return node.quasis.map(({ value }) => value.cooked ?? value.raw).join("...");
}
