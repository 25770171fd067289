import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "./fixtures/project.ts";
import { buildRealmBundle, type RealmBundle } from "./realm-bundle.ts";

const build = (root: string): Promise<RealmBundle> => buildRealmBundle({ file: join(root, "src/order.ts"), root });

const STORABLE = `static [Symbol.for("workflow-serialize")]() {} static [Symbol.for("workflow-deserialize")]() {}`;

test("a bundle has the classes that can be stored and that its file leads to, and no others [06-6.5.registration]", async () => {
  const root = makeProject({
    "src/order.ts": `import type { Cart } from "@/models/cart.js";
import { load } from "./steps.ts";
import { Used } from "./errors.ts";
export async function order(cart: Cart) { "use workflow"; const loaded = await load(); throw new Used(String(loaded)); }`,
    "src/steps.ts": `import fs from "node:fs";
import { Money } from "./money";
export async function load() { "use step"; return new Money(fs); }`,
    "src/money.ts": `import os from "node:os";
export class Money { ${STORABLE} }
export class Gift extends Money {}
export class Machine { cpus() { return os.cpus(); } }
console.log("not for the realm");`,
    "src/models/cart.ts": `class Cart { ${STORABLE} }\nexport type { Cart };\nexport class Unrelated { ${STORABLE} }`,
    "src/errors.ts": `export class Used extends Error {}\nexport class Unused extends Error {}`,
    "src/elsewhere.ts": `export class Elsewhere { ${STORABLE} }`,
    "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
  });
  const bundle = await build(root);
  const { source } = (bundle as Extract<RealmBundle, { status: "built" }>).code;
  const ids = new Set([...source.matchAll(/"class\/\/([^"]+)"/g)].map(([, id]) => id));
  expect([...ids].toSorted()).toEqual([
    "./src/errors//Used",
    "./src/models/cart//Cart",
    "./src/models/cart//Unrelated",
    "./src/money//Gift",
    "./src/money//Money",
  ]);
  expect(source).not.toMatch(/cpus|not for the realm/);
  expect(await build(root)).toEqual(bundle);
});

test("a class that no workflow can have is refused with the way there", async () => {
  const files = {
    "src/order.ts": `import type { File } from "./file.ts";\nexport async function order(file: File) { "use workflow"; return file; }`,
    "src/file.ts": `import fs from "node:fs";\nexport class File { ${STORABLE} read() { return fs.readFileSync("x"); } }`,
  };
  expect(await build(makeProject(files))).toMatchObject({
    status: "refused",
    diagnostics: [{ code: "node-js-module-in-workflow", file: expect.stringMatching(/file\.ts$/), line: 1 }],
  });
});
