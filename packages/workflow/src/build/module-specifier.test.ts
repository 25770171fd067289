import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "./fixtures/project.ts";
import { filesWithSpecifier } from "./locate.ts";
import { moduleSpecifierOf } from "./module-specifier.ts";

const root = makeProject({
  "src/workflows/order.ts": "",
  "src/order.test.mts": "",
  "app/package.json": `{ "name": "inner" }`,
  "app/main.ts": "",
  "node_modules/lib/package.json": JSON.stringify({
    name: "lib",
    version: "2.1.0",
    exports: {
      ".": { types: "./dist/index.d.ts", import: "./dist/index.js" },
      "./flows/*": ["./dist/flows/*.js"],
      "./flows/secret/*": null,
    },
  }),
  "node_modules/lib/dist/index.js": "",
  "node_modules/lib/dist/flows/refund.js": "",
  "node_modules/lib/dist/flows/secret/key.js": "",
  "node_modules/lib/dist/deep.js": "",
  "node_modules/@scope/plain/package.json": `{ "name": "@scope/plain", "version": "1.0.0-beta.1", "main": "lib/main" }`,
  "node_modules/@scope/plain/lib/main.js": "",
  "node_modules/@scope/plain/lib/other.js": "",
});
const specifierOf = (path: string): string => moduleSpecifierOf(join(root, path), root);

test.each([
  ["src/workflows/order.ts", "./src/workflows/order"],
  ["src/order.test.mts", "./src/order.test"],
  ["node_modules/lib/dist/index.js", "lib@2.1.0"],
  ["node_modules/lib/dist/flows/refund.js", "lib/flows/refund@2.1.0"],
  ["node_modules/lib/dist/deep.js", "./node_modules/lib/dist/deep"],
  ["node_modules/lib/dist/flows/secret/key.js", "./node_modules/lib/dist/flows/secret/key"],
  ["node_modules/@scope/plain/lib/main.js", "@scope/plain@1.0.0-beta.1"],
  ["node_modules/@scope/plain/lib/other.js", "./node_modules/@scope/plain/lib/other"],
])("%s is called %s, and is found by that name [01-1.4.module]", (path, specifier) => {
  expect(specifierOf(path)).toBe(specifier);
  expect(filesWithSpecifier(specifier, root)).toEqual([join(root, path)]);
});

test("where a package manager put a package does not show", () => {
  const path = "node_modules/.store/lib@2.1.0/node_modules/lib/dist/deep.js";
  expect(specifierOf(path)).toBe("./node_modules/lib/dist/deep");
});

test("a file of another package of the same repository is named by its path from the project", () => {
  expect(moduleSpecifierOf(join(root, "src/workflows/order.ts"), join(root, "app"))).toBe("../src/workflows/order");
  expect(filesWithSpecifier("../src/workflows/order", join(root, "app"))).toEqual([
    join(root, "src/workflows/order.ts"),
  ]);
});

test("another version of a package is not the one that was asked for", () => {
  expect(filesWithSpecifier("lib@2.0.0", root)).toEqual([]);
  expect(filesWithSpecifier("missing@1.0.0", root)).toEqual([]);
  expect(filesWithSpecifier("nonsense", root)).toEqual([]);
});

test("a package in a folder around the project is found", () => {
  expect(filesWithSpecifier("lib@2.1.0", join(root, "app"))).toEqual([join(root, "node_modules/lib/dist/index.js")]);
});
