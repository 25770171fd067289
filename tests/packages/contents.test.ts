import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { problemsOfContents } from "./contents.ts";
import { REPOSITORY } from "./npm.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "contents-"));
  write("package/LICENSE", "a licence");
  write("package/README.md", "what it is");
  write("package/dist/index.js", "export {};");
  write("source/src/index.ts", "export {};");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const problems = (): string[] => problemsOfContents(join(folder, "package"), join(folder, "source"));

test("a package with what it needs, and nothing else, is in order", () => {
  write("package/dist/index.js", "//# sourceMappingURL=index.js.map");
  write("package/dist/index.js.map", JSON.stringify({ sources: ["../src/index.ts"], sourcesContent: ["export {};"] }));
  expect(problems()).toEqual([]);
});

test("a missing licence is reported", () => {
  rmSync(join(folder, "package/LICENSE"));
  expect(problems()).toEqual(["LICENSE is missing"]);
});

test.each([
  ["dist/index.test.js", "dist/index.test.js belongs to the tests"],
  ["dist/fixtures/input.json", "dist/fixtures/input.json belongs to the tests"],
  ["dist/gone.js", "dist/gone.js is left from an earlier build: no source makes it"],
])("%s is reported", (file, problem) => {
  write(`package/${file}`, "{}");
  expect(problems()).toContain(problem);
});

test.each([
  ["a path of the repository", `${REPOSITORY}/packages`, `dist/index.js contains ${REPOSITORY}/`],
  ["a path of its author", `${homedir()}/.npmrc`, `dist/index.js contains ${homedir()}/`],
  ["a registry", "https://registry.npmjs.org/ms", "dist/index.js contains registry.npmjs.org"],
  [
    "a map that is missing",
    "//# sourceMappingURL=gone.js.map",
    "dist/index.js maps to gone.js.map, which is not there",
  ],
])("%s is reported", (_what, text, problem) => {
  write("package/dist/index.js", text);
  expect(problems()).toContain(problem);
});

test("a map to a source that is missing is reported", () => {
  write("package/dist/index.js.map", JSON.stringify({ sources: ["../src/index.ts"] }));
  expect(problems()).toEqual(["dist/index.js.map maps to ../src/index.ts, which is not there"]);
});
