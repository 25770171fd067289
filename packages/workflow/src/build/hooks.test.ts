import { expect, test } from "vitest";
import { makeProject } from "./fixtures/project.ts";
import { runApp } from "./fixtures/run-app.ts";

/** What the app printed, a JSON value per line. */
async function printed(files: Readonly<Record<string, string>>, main: string): Promise<unknown> {
  const { stdout, stderr, code } = await runApp(makeProject(files), main);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
}

const print = "const print = (value) => console.log(JSON.stringify(value));\n";

test("an app with its server, workflow and step in one file runs as it is", async () => {
  const app = `import { createServer } from "node:http";
import { once } from "node:events";
const print = (value: unknown): void => console.log(JSON.stringify(value));
export async function order(id: string): Promise<string> {
  "use workflow";
  return charge(id);
}
async function charge(id: string): Promise<string> {
  "use step";
  return "charged " + id;
}
const server = createServer(async (request, response) => response.end(await charge(request.url ?? "")));
server.listen(0);
await once(server, "listening");
const { port } = server.address() as { port: number };
print(await (await fetch("http://localhost:" + port + "/7")).text());
server.close();
const steps = Reflect.get(globalThis, Symbol.for("workflow.steps")) as Map<string, unknown>;
print([...steps.keys()]);
print(Reflect.get(order, "workflowId"));
await order("8").catch((error: Error) => print(error.message.slice(0, 21)));
`;
  expect(await printed({ "app.ts": app }, "app.ts")).toEqual([
    "charged /7",
    ["step//./app//charge"],
    "workflow//./app//order",
    "You attempted to exec",
  ]);
});

test("TypeScript imports resolve as TypeScript means them", async () => {
  const files = {
    "main.mts": `import { a } from "./a";
import { b } from "./b.js";
import { c } from "./c";
import { d } from "./d.mjs";
import { View } from "./view.jsx";
import data from "./data.json" with { type: "json" };
import type { Nothing } from "./nothing";
console.log(JSON.stringify([a, b, c, d, View(), data.x, new URL(import.meta.url).pathname.endsWith("main.mts")]));`,
    "a.ts": "export enum Kind { A = 1 }\nexport const a: number = Kind.A;",
    "b.ts":
      "class P { constructor(private readonly x: number) {} get(): number { return this.x; } }\nexport const b = new P(2).get();",
    "c/index.tsx": "export const c: number = 3;",
    "d.mts": "export const d: number = 4;",
    "view.tsx": "export const View = () => <p>{5}</p>;",
    "data.json": `{ "x": 6 }`,
    "node_modules/react/package.json": `{ "name": "react", "exports": { "./jsx-runtime": "./jsx.cjs" } }`,
    "node_modules/react/jsx.cjs": "exports.jsx = (type, props) => [type, props.children];",
  };
  expect(await printed(files, "main.mts")).toEqual([[1, 2, 3, 4, ["p", 5], 6, true]]);
});

test("an import that means nothing fails as it does without the hooks", async () => {
  const { code, stderr } = await runApp(makeProject({ "main.js": `import "./nowhere";` }), "main.js");
  expect(code).toBe(1);
  expect(stderr).toContain("ERR_MODULE_NOT_FOUND");
});

test("imports inside of packages are Node's business", async () => {
  const files = {
    "main.js": `import "lib";`,
    "node_modules/lib/package.json": `{ "name": "lib", "type": "module", "main": "index.js" }`,
    "node_modules/lib/index.js": `import "./other";`,
    "node_modules/lib/other.js": "",
  };
  const { code, stderr } = await runApp(makeProject(files), "main.js");
  expect(code).toBe(1);
  expect(stderr).toContain("ERR_MODULE_NOT_FOUND");
});

test("a CommonJS app runs, JavaScript and TypeScript mixed", async () => {
  const files = {
    "package.json": `{ "name": "app" }`,
    "main.js": `"use strict";\n${print}const { order } = require("./order");
const { helper } = require("./helper.js");
print([order.workflowId, helper(), require.main === module, typeof __filename, (function () { return this === undefined; })()]);
import("./order.ts").then((found) => print(found.order === order));`,
    "order.ts": `import type { Nothing } from "./nothing";
import helper = require("./helper");
export const order = async () => { "use workflow"; return helper.helper(); };`,
    "helper.ts": `const { two }: { two: number } = require("./two.cts");
module.exports = { helper: (): number => two };`,
    "two.cts": "const two: number = 2;\nexports.two = two;",
  };
  expect(await printed(files, "main.js")).toEqual([["workflow//./order//order", 2, true, "string", true], true]);
});

test("TypeScript that imports and exports is a module also in a package of type commonjs", async () => {
  const files = {
    "package.json": `{ "name": "app", "type": "commonjs" }`,
    "main.ts": `import { one } from "./one";\nconsole.log(JSON.stringify([one, typeof require]));`,
    "one.ts": "export const one: number = 1;",
  };
  expect(await printed(files, "main.ts")).toEqual([[1, "undefined"]]);
});

test("JavaScript with directives is compiled, in packages only if they use workflows", async () => {
  const lib = `export async function pay() { "use step"; }`;
  const files = {
    "main.js": `${print}import { pay as a } from "uses";\nimport { pay as b } from "ignores";
export async function own() { "use step"; }
print([a.stepId, b.stepId ?? null, own.stepId]);`,
    "node_modules/uses/package.json": `{ "name": "uses", "version": "1.2.3", "type": "module", "main": "i.js", "dependencies": { "workflow": "1" } }`,
    "node_modules/uses/i.js": lib,
    "node_modules/ignores/package.json": `{ "name": "ignores", "version": "1.2.3", "type": "module", "main": "i.js" }`,
    "node_modules/ignores/i.js": lib,
  };
  expect(await printed(files, "main.js")).toEqual([["step//uses@1.2.3//pay", null, "step//./main//own"]]);
});

test("legacy decorators work when the project's tsconfig.json asks for them", async () => {
  const files = {
    "tsconfig.json": `{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }`,
    "main.ts": `const log: string[] = [];
const note = (text: string) => (target: object, key?: PropertyKey, index?: unknown): void => void log.push([text, String(key), typeof index].join(":"));
@note("class")
class Service {
  @note("field") name = "x";
  @note("method") run(@note("parameter") x: number): number { return x; }
}
console.log(JSON.stringify([new Service().run(1), ...log]));`,
  };
  expect(await printed(files, "main.ts")).toEqual([
    [1, "field:name:undefined", "parameter:run:number", "method:run:object", "class:undefined:undefined"],
  ]);
});

test("errors of steps show the user's lines", async () => {
  const files = {
    "main.ts": `interface Unused { readonly a: number }

type AlsoUnused = { b: number };

export async function charge(
  amount: number,
): Promise<void> {
  "use step";
  throw new Error("declined " + amount);
}
await charge(1).catch((error: Error) => console.log(JSON.stringify(error.stack)));`,
  };
  expect(await printed(files, "main.ts")).toEqual([expect.stringMatching(/main\.ts:9:9\)/)]);
});

test("what the compiler refuses ends the app with file, line and what to do [01-1.1.build-time]", async () => {
  const { code, stderr } = await runApp(
    makeProject({
      "src/order.ts": `\nexport function order() {\n  "use workflow";\n}`,
      "main.ts": `import "./src/order.ts";`,
    }),
    "main.ts",
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /WorkflowBuildError: Workflow code cannot be built:\nsrc\/order\.ts:2:8 {2}.*async.*\n {2}fix: /,
  );
  expect(stderr).not.toContain("hook-load");
});

test("a syntax error in TypeScript is shown with its place", async () => {
  const { code, stderr } = await runApp(makeProject({ "main.ts": `\nconst a: = 1;` }), "main.ts");
  expect(code).toBe(1);
  expect(stderr).toContain("main.ts:2:10  Unexpected token\n  fix: Correct the syntax.");
});

test("classes of errors and those with methods for storage are registered, in files without directives too", async () => {
  const files = {
    "main.ts": `${print}import { CardDeclined } from "./errors.ts";
import { Plain } from "./plain.cjs";
import "./script.cjs";
const registry: Map<string, unknown> = Reflect.get(globalThis, Symbol.for("workflow-class-registry"));
print([...registry.keys()].sort());
print([registry.get("class//./errors//CardDeclined") === CardDeclined, CardDeclined.name, Plain.name, Object.keys(CardDeclined)]);
try { CardDeclined.fail(); } catch (error) { print(error.stack.split("\\n")[1].trim().replace(/\\(.*\\//, "(")); }`,
    "errors.ts": `export class Nothing extends Map<string, number> {}
export class CardDeclined extends Error {
  static fail() { throw new Error("x"); }
}
export const Money = class { static [Symbol.for("workflow-serialize")]() {} };
class Local { static [Symbol.iterator]() {} }
void Local;`,
    "plain.cjs": `"use strict";\nclass Plain extends Error { code = 1 }\nexports.Plain = Plain;`,
    "script.cjs": `class Odd extends Error {}\nvar await = 010;`,
  };
  expect(await printed(files, "main.ts")).toEqual([
    ["class//./errors//CardDeclined", "class//./errors//Money", "class//./plain//Plain"],
    [true, "CardDeclined", "Plain", []],
    "at CardDeclined.fail (errors.ts:3:25)",
  ]);
});
