import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REPOSITORY } from "../packages/npm.ts";
import { COMMANDS, commandsIn } from "./commands.ts";
import { findExamples, packageOf } from "./examples.ts";

const examples = findExamples();
const canonical = readFileSync(join(REPOSITORY, "examples/express/workflows/order.ts"), "utf8");

test("Express is among the examples", () => {
  expect(examples.map(({ name }) => name)).toContain("express");
});

describe.each(examples)("the example $name", ({ name, folder, orderFile }) => {
  test("has the workflow that all have, byte for byte", () => {
    expect(readFileSync(join(folder, orderFile), "utf8")).toBe(canonical);
  });

  test("has the scripts that are typed", () => {
    const scripts = Object.keys(packageOf(folder)?.scripts ?? {});
    expect(scripts).toEqual(expect.arrayContaining(["dev", "build", "start"]));
  });

  test("has exact versions, and a lock file without a host", () => {
    const { workflow: _ours, ...dependencies } = packageOf(folder)?.dependencies ?? {};
    const inexact = Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(inexact).toEqual([]);
    const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as Lock;
    const resolved = Object.values(lock.packages).flatMap((entry) => entry.resolved ?? []);
    expect(resolved.filter((where) => where.includes("://"))).toEqual([]);
  });

  test("has a guide that names the commands that the runner types", () => {
    const guide = readFileSync(join(REPOSITORY, `docs/frameworks/${name}.md`), "utf8");
    expect(commandsIn(guide)).toEqual(expect.arrayContaining(Object.values(COMMANDS)));
  });
});

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}

test("of a guide, what its shell blocks say to type counts", () => {
  const guide = [
    "```sh",
    "# first",
    "npm run build   # compiles",
    "",
    "npm start",
    "```",
    "```ts",
    "npm run dev",
    "```",
  ];
  expect(commandsIn(guide.join("\n"))).toEqual(["npm run build", "npm start"]);
});
