import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { violations } from "./layers/violations.ts";

const REPOSITORY = join(import.meta.dirname, "..");

test("the packages keep to their layers", () => {
  expect(violations(REPOSITORY)).toEqual([]);
});

describe("in a made-up repository", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "layers-"));
    for (const name of ["workflow", "world"]) {
      mkdirSync(join(root, "packages", name), { recursive: true });
      cpSync(join(REPOSITORY, "packages", name, "package.json"), join(root, "packages", name, "package.json"));
    }
    write("world/world.ts", "export interface World { id: string }");
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    const path = join(root, "packages/workflow/src", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  test("what the rules allow passes", () => {
    write("serialization/text.ts", `import type { World } from "../world/world.ts";\nexport type T = World;`);
    write("replay/realm/deep.ts", `export * from "../../serialization/text.ts";`);
    write("replay/replay.ts", `import { Script } from "node:vm";\nexport const script = Script;`);
    write("payloads/seal.ts", `import { hkdfSync } from "node:crypto";\nexport const derive = hkdfSync;`);
    write("worker/worker.ts", `import { readFileSync } from "node:fs";\nexport const read = readFileSync;`);
    write("build/register.ts", `await import("../api/start.ts");`);
    write("api/start.ts", `export { script } from "../replay/replay.ts";`);
    write("vite.ts", `export * from "./integrations/vite.ts";\nexport * from "./world/world.ts";`);
    write("integrations/vite.ts", `export * from "../build/register.ts";`);
    write("compiler/compile.test.ts", `import "node:fs";\nimport "../cli/main.ts";`);
    expect(violations(root)).toEqual([]);
  });

  test.each([
    ["a higher layer", "world/a.ts", `import { x } from "../worker/b.ts";`, "worker/ is in a higher layer than world/"],
    [
      "a higher layer's type",
      "replay/a.ts",
      `import type { X } from "../api/b.ts";`,
      "api/ is in a higher layer than replay/",
    ],
    ["a re-export", "replay/a.ts", `export * from "../worker/b.ts";`, "worker/ is in a higher layer than replay/"],
    ["a dynamic import", "local/a.ts", `await import("../cli/b.ts");`, "cli/ is in a higher layer than local/"],
    [
      "a type's import()",
      "local/a.ts",
      `export type X = import("../api/b.ts").X;`,
      "api/ is in a higher layer than local/",
    ],
    [
      "the other directory of a layer",
      "local/a.ts",
      `import "../worker/b.ts";`,
      "worker/ is in the same layer as local/",
    ],
    [
      "the wrong way within a layer",
      "world/a.ts",
      `import "../serialization/b.ts";`,
      "serialization/ is in the same layer",
    ],
    ["an entry file", "worker/a.ts", `import "../index.ts";`, "an entry file is for users"],
    ["an integration", "cli/a.ts", `import "../integrations/vite.ts";`, "nothing imports an integration"],
    ["what is outside", "worker/a.ts", `import "../../build/prelude.js";`, "it is outside of src"],
    ["a directory without a layer", "worker/a.ts", `import "../tools/b.ts";`, "tools/ has no layer"],
    ["Node in the compiler", "compiler/a.ts", `import { join } from "node:path";`, "compiler/ does no I/O"],
    ["Node without its prefix", "compiler/a.ts", `import { join } from "path";`, "compiler/ does no I/O"],
    ["Node by require()", "compiler/a.ts", `const fs = require("fs");`, "compiler/ does no I/O"],
    ["Node's file system in replay", "replay/a.ts", `import { readFileSync } from "node:fs";`, "replay/ does no I/O"],
    ["a built-in module in replay", "replay/a.ts", `process.getBuiltinModule("node:fs");`, "replay/ does no I/O"],
    [
      "Node's file system in payloads",
      "payloads/a.ts",
      `import { readFileSync } from "node:fs";`,
      "payloads/ does no I/O",
    ],
    ["Node in the realm", "replay/realm/a.ts", `import { hash } from "node:crypto";`, "replay/realm/ does no I/O"],
    ["a satellite", "worker/a.ts", `import "@workflow/world";`, "does not import itself or its satellites"],
    ["itself by name", "worker/a.ts", `import "workflow/api";`, "does not import itself or its satellites"],
  ])("%s is reported", (_what, file, text, problem) => {
    write(file, `// one line above\n${text}`);
    expect(violations(root)).toEqual([expect.stringMatching(`^${file}:2 imports .*: .*${problem}`)]);
  });

  test("a file that does not parse is not passed over", () => {
    write("world/broken.ts", "import {");
    expect(() => violations(root)).toThrow("broken.ts");
  });

  test.each([
    ["workflow", { version: "1.0.0", dependencies: { "@workflow/world": "1" } }, "dependencies names @workflow/world"],
    ["workflow", { version: "1.0.0", devDependencies: { "@workflow/ai": "1" } }, "devDependencies names @workflow/ai"],
    [
      "world",
      { dependencies: { workflow: "1.0.0" }, peerDependencies: { workflow: "1.0.0" } },
      "workflow is a dependency",
    ],
    ["world", { peerDependencies: { workflow: "0.9.0" } }, "workflow 1.0.0 is not its peer"],
  ])("the manifest of %s with %o is reported", (name, manifest, problem) => {
    const writeManifest = (at: string, value: object): void =>
      writeFileSync(join(root, "packages", at, "package.json"), JSON.stringify(value));
    writeManifest("workflow", { version: "1.0.0" });
    writeManifest("world", { peerDependencies: { workflow: "1.0.0" } });
    writeManifest(name, manifest);
    expect(violations(root)).toEqual([expect.stringContaining(problem)]);
  });
});
