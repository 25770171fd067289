import { createHash } from "node:crypto";
import { join } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { expect, test } from "vitest";
import { evaluate } from "./fixtures/evaluate.ts";
import { makeProject } from "./fixtures/project.ts";
import { buildRealmBundle, type RealmBundle } from "./realm-bundle.ts";

type Built = Extract<RealmBundle, { status: "built" }>;

async function build(root: string, path = "src/order.ts"): Promise<Built> {
  const bundle = await buildRealmBundle({ file: join(root, path), root });
  if (bundle.status === "built") return bundle;
  throw new Error(bundle.diagnostics.map(({ message }) => message).join("\n"));
}

async function problems(files: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const root = makeProject(files);
  const bundle = await buildRealmBundle({ file: join(root, "src/order.ts"), root });
  if (bundle.status === "built") return [];
  return bundle.diagnostics.map(({ code, message, file, line, column }) => ({
    code,
    message: message.replaceAll(root, ""),
    at: `${file.slice(root.length + 1)}:${line}:${column}`,
  }));
}

const SHOP = {
  "src/order.ts": `import { readFile } from "node:fs/promises";
import { sleep, type Hook } from "workflow";
import { greet } from "./greet.js";
import { tax } from "@/tax";
import { double } from "numbers";
import { half } from "numbers-cjs";
import type { Missing } from "./only-a-type";

enum Size { Small = 1, Large = 2 }
const table = readFile("table.txt");

/** Orders. */
export async function order(price: number): Promise<string> {
  "use workflow";
  using scope = { [Symbol.dispose]() { log.push("disposed"); } };
  await sleep("1s");
  const charged = await charge(double(price) + half(4));
  return [greet(), charged + tax, Size.Large, process.env.GREETING, log.length].join(" ");
}
const log: string[] = [];

export async function charge(amount: number): Promise<number> {
  "use step";
  await table;
  return amount;
}
`,
  "src/greet.ts": `import { createHash } from "crypto";
import "node:os";
import { getWorld } from "workflow/api";
export const greet = (): string => "hi";
export const digest = (text: string): string => createHash("sha1").update(text).digest("hex");
export const answer = () => getWorld();
`,
  "src/tax.ts": `export const tax: number = 3;\n`,
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
  "node_modules/numbers/package.json": JSON.stringify({
    name: "numbers",
    version: "1.0.0",
    exports: { ".": { node: "./node.js", workflow: "./workflow.js", default: "./node.js" } },
  }),
  "node_modules/numbers/node.js": `import fs from "node:fs"; export const double = () => fs;`,
  "node_modules/numbers/workflow.js": `import os from "os"; export const double = (n) => n * 2; export const cores = () => os.cpus();`,
  "node_modules/numbers-cjs/package.json": `{ "name": "numbers-cjs", "version": "1.0.0", "main": "lib" }`,
  "node_modules/numbers-cjs/lib/index.js": `const two = require("./two"); exports.half = (n) => n / two;`,
  "node_modules/numbers-cjs/lib/two.js": `module.exports = 2;`,
};

test("a bundle is one script that runs the workflow with everything it imports [01-1.0.sandbox-build]", async () => {
  const { code, workflows } = await build(makeProject(SHOP));
  expect(workflows).toEqual([{ workflowId: "workflow//./src/order//order", exportName: "order", line: 13 }]);
  expect(code.hash).toBe(createHash("sha256").update(code.source).digest("hex"));
  const { "workflow//./src/order//order": order } = evaluate(code.source, {
    "step//./src/order//charge": (n: number) => n + 100,
  });
  // 2 * 5 + 4 / 2, 100 from the step, 3 of tax.
  expect(await order?.(5)).toBe("hi 115 2 hello 0");
});

test("a bundle contains nothing that only steps and unused functions need [01-1.16.imports]", async () => {
  const { code } = await build(makeProject(SHOP));
  for (const unwanted of ["require(", "import(", "createHash", "table.txt", "os.cpus", "getWorld", "Orders."]) {
    expect(code.source).not.toContain(unwanted);
  }
  expect(code.source).not.toMatch(/\/\*|^\s*\/\//m);
  expect(code.source).toContain("process.env.GREETING");
});

test("the same files give the same bundle wherever they are [01-1.4.stable]", async () => {
  const [one, two] = [makeProject(SHOP), makeProject(SHOP)];
  const first = await build(one);
  const second = await build(two);
  expect(second.code).toEqual(first.code);
  for (const root of [one, two]) expect(JSON.stringify(first.code)).not.toContain(root);
  process.chdir(two);
  expect((await build(one)).code).toEqual(first.code);
});

test("the source map leads to the user's lines, by paths relative to the project", async () => {
  const { code } = await build(makeProject(SHOP));
  const lines = code.source.split("\n");
  const line = lines.findIndex((text) => text.includes(`sleep("1s")`));
  const column = lines[line]?.indexOf("sleep(") ?? 0;
  const found = originalPositionFor(new TraceMap(code.map), { line: line + 1, column });
  expect(found).toMatchObject({ source: "src/order.ts", line: 16 });
  expect(JSON.parse(code.map)).not.toHaveProperty("sourcesContent");
});

test("names come from the paths of a tsconfig.json that a framework has written, too", async () => {
  const root = makeProject({
    "tsconfig.json": `{ "extends": "./.framework/tsconfig.json" }`,
    ".framework/tsconfig.json": `{ "compilerOptions": { "paths": { "$lib/*": ["../src/lib/*"] } }, "include": ["../src/**/*.ts"] }`,
    "src/order.ts": `import { price } from "$lib/price";
export async function order() { "use workflow"; return price(); }`,
    "src/lib/price.ts": `import { tax } from "$lib/tax"; export const price = () => 10 + tax;`,
    "src/lib/tax.ts": `export const tax = 3;`,
  });
  const { code } = await build(root);
  expect(await evaluate(code.source, {})["workflow//./src/order//order"]?.()).toBe(13);
});

test("other workflows and steps that a workflow calls come along under their own names", async () => {
  const root = makeProject({
    "src/order.ts": `import { ship } from "./ship.ts";
export default async function (n: number) { "use workflow"; return ship(n); }
export const unrelated = async () => { "use workflow"; return "unrelated"; };`,
    "src/ship.ts": `import { execSync } from "node:child_process";
export async function ship(n: number) { "use workflow"; return pack(n); }
async function pack(n: number) { "use step"; return execSync("pack " + n); }`,
  });
  const { code, workflows } = await build(root);
  expect(workflows.map(({ workflowId }) => workflowId)).toEqual([
    "workflow//./src/order//default",
    "workflow//./src/order//unrelated",
  ]);
  const registered = evaluate(code.source, { "step//./src/ship//pack": (n: number) => `packed ${n}` });
  expect(await registered["workflow//./src/order//default"]?.(7)).toBe("packed 7");
  expect(await registered["workflow//./src/order//unrelated"]?.()).toBe("unrelated");
});

test("workflows of a package run as its own", async () => {
  const root = makeProject({
    "src/order.ts": `import { refund } from "flows";
export async function order(n: number) { "use workflow"; return refund(n); }`,
    "node_modules/flows/package.json": `{ "name": "flows", "version": "3.0.0", "main": "index.js", "peerDependencies": { "workflow": "*" } }`,
    "node_modules/flows/index.js": `import fs from "node:fs";
export async function refund(n) { "use workflow"; return pay(n); }
async function pay(n) { "use step"; return fs.readFileSync(n); }`,
  });
  const { code } = await build(root);
  const registered = evaluate(code.source, { "step//flows@3.0.0//pay": (n: number) => `paid ${n}` });
  expect(await registered["workflow//./src/order//order"]?.(2)).toBe("paid 2");
});

test("a Node.js module in workflow code is refused with its place and the way there [01-1.14.no-node] [03-3.6.node-module]", async () => {
  expect(
    await problems({
      "src/order.ts": `import { total } from "./a.ts";
export async function order() { "use workflow"; return total(); }`,
      "src/a.ts": `import { sum } from "./b.ts";\nexport const total = () => sum();`,
      "src/b.ts": `// comment\nimport { createHash, type Hash } from "node:crypto";\nexport const sum = () => createHash("md5");`,
    }),
  ).toEqual([
    {
      code: "node-js-module-in-workflow",
      message:
        'Cannot use the Node.js module "node:crypto" in workflow functions; imported through src/order.ts > src/a.ts > src/b.ts.',
      at: "src/b.ts:2:39",
    },
  ]);
});

test.each([
  [`import fs from "fs";`, `fs.readFileSync("x")`, '"fs"', "1:16"],
  [`import * as path from "node:path";`, `path.join("x")`, '"node:path"', "1:23"],
  [`export { cpus } from "os"; import { cpus as c } from "os";`, `c()`, '"os"', "1:54"],
])("%s is refused where it is used", async (statement, use, name, at) => {
  const source = `${statement}\nexport async function order() { "use workflow"; return ${use}; }`;
  expect(await problems({ "src/order.ts": source })).toEqual([
    {
      code: "node-js-module-in-workflow",
      message: `Cannot use the Node.js module ${name} in workflow functions.`,
      at: `src/order.ts:${at}`,
    },
  ]);
});

test("require() of a Node.js module in a package is refused", async () => {
  const found = await problems({
    "src/order.ts": `import { read } from "reader";\nexport async function order() { "use workflow"; return read(); }`,
    "node_modules/reader/package.json": `{ "name": "reader", "version": "1.0.0", "main": "main.js" }`,
    "node_modules/reader/main.js": `"use strict";\nconst fs = require('fs');\nexports.read = () => fs.readFileSync("x");`,
  });
  expect(found).toEqual([
    {
      code: "node-js-module-in-workflow",
      message:
        'Cannot use the Node.js module "fs" in workflow functions; imported through src/order.ts > node_modules/reader/main.js.',
      at: "node_modules/reader/main.js:2:20",
    },
  ]);
});

const using = (statement: string, expression: string): Record<string, string> => ({
  "src/order.ts": `${statement}\nexport async function order() { "use workflow"; return ${expression}; }`,
});

test("a package that is not installed is refused only where it is used", async () => {
  expect(await problems(using(`import { x } from "not-installed";`, "x"))).toEqual([
    { code: "unresolved-import", message: 'Cannot find "not-installed".', at: "src/order.ts:1:19" },
  ]);
  expect(await problems(using(`import { x } from "not-installed";`, "1"))).toEqual([]);
});

test("a file that does not exist is refused", async () => {
  expect(await problems(using(`import { x } from "./nowhere";`, "x"))).toEqual([
    { code: "unresolved-import", message: "Could not resolve './nowhere' in src/order.ts", at: "src/order.ts:1:19" },
  ]);
});

test("a host-only module of this package is refused [01-1.0.sandbox-build]", async () => {
  expect(await problems(using(`import { getWorld } from "workflow/runtime";`, "getWorld()"))).toMatchObject([
    { code: "node-js-module-in-workflow", message: 'Cannot use "workflow/runtime" in workflow functions.' },
  ]);
});

test("a name that a module of this package lacks is refused only where it is used [01-1.0.sandbox-build]", async () => {
  const files = {
    "src/order.ts": `import { answer, greet } from "./greet.ts";
export async function order() { "use workflow"; return [greet(), answer()]; }`,
    "src/greet.ts": SHOP["src/greet.ts"],
  };
  expect(await problems(files)).toEqual([
    {
      code: "missing-export",
      message: '"getWorld" of "workflow/api" does not exist in workflow functions.',
      at: "src/greet.ts:3:10",
    },
  ]);
  expect(await problems(using(`import workflow from "workflow";`, "workflow"))).toMatchObject([
    { code: "missing-export" },
  ]);
});

test("a name that a module of the project lacks is refused at its place in the source", async () => {
  const files = {
    "src/order.ts": `import { promisify } from "node:util";
const slow = promisify(setTimeout);
import { there, missing } from "./b.ts";
export async function order() { "use workflow"; await wait(); return [there, missing]; }
async function wait() { "use step"; await slow(1); }`,
    "src/b.ts": "export const there = 1;",
  };
  expect(await problems(files)).toEqual([
    { code: "missing-export", message: '"missing" is not exported by "src/b.ts".', at: "src/order.ts:3:17" },
  ]);
});

test("import() in code that a workflow uses is refused, elsewhere it is not", async () => {
  const files = (expression: string): Record<string, string> => ({
    ...using(`import * as b from "./b.ts";`, expression),
    "src/b.ts": `export const lazy = () =>\n  import("./c.ts");\nexport const byName = (name: string) => import(name);\nexport const plain = () => 1;`,
    "src/c.ts": "export default 1;",
  });
  expect(await problems(files("b.lazy()"))).toMatchObject([{ code: "dynamic-import-in-workflow", at: "src/b.ts:2:3" }]);
  expect(await problems(files(`b.byName("x")`))).toMatchObject([
    { code: "dynamic-import-in-workflow", at: "src/b.ts:3:41" },
  ]);
  expect(await problems(files("b.plain()"))).toEqual([]);
});

test("a syntax error and a top-level await in an imported file are refused at their place", async () => {
  const imported = (text: string): Record<string, string> => ({
    ...using(`import { x } from "./b.ts";`, "x"),
    "src/b.ts": text,
  });
  expect(await problems(imported("export const x = ;"))).toMatchObject([{ code: "syntax-error", at: "src/b.ts:1:18" }]);
  expect(await problems(imported("export const x = await 1;"))).toMatchObject([
    { code: "top-level-await-in-workflow", at: "src/b.ts:1:18" },
  ]);
});

test("what the compiler refuses in an imported file is reported, and nothing that follows from it", async () => {
  const files = {
    ...using(`import { x } from "./b.ts";`, "x"),
    "src/b.ts": `export function x() { "use step"; }`,
  };
  expect(await problems(files)).toMatchObject([{ code: "not-async", at: expect.stringContaining("src/b.ts:1:") }]);
});
