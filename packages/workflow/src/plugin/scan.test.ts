import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scan } from "./scan.ts";

const STEP = `export async function charge() { "use step"; }\n`;

function projectOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "scan-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function found(root: string, ...folders: readonly string[]): readonly string[] {
  return scan(folders.map((folder) => join(root, folder))).map((file) => relative(root, file));
}

test("files with directives or classes are found, wherever in the project they are", () => {
  const root = projectOf({
    "step.ts": STEP,
    "src/deep/er/step.mjs": STEP,
    "src/page.tsx": STEP,
    "src/money.ts": "export class Money extends Amount {}",
    "src/plain.ts": "export const user = 'use it';",
    "src/notes.md": STEP,
  });
  expect(found(root, ".")).toEqual(["src/deep/er/step.mjs", "src/money.ts", "src/page.tsx", "step.ts"]);
  expect(found(root, "src/deep", "missing")).toEqual(["src/deep/er/step.mjs"]);
});

test("what is built, installed, hidden or a test is not looked at", () => {
  const skipped = ["node_modules/a", "dist", "build", "out", "coverage", "public", "static", ".next", ".git"];
  const root = projectOf({
    ...Object.fromEntries(skipped.map((folder) => [`${folder}/step.js`, STEP])),
    "src/dist/step.ts": STEP,
    "src/step.test.ts": STEP,
    "src/step.spec.js": STEP,
    "src/step.d.ts": STEP,
    "src/distance/step.ts": STEP,
  });
  expect(found(root, ".")).toEqual(["src/distance/step.ts"]);
});

test("ten thousand files take less than half a second", { timeout: 60_000 }, () => {
  const line = `export function total(items: readonly { amount: number }[]) { return items.length; } // "plain" text\n`;
  const root = projectOf({ "src/step.ts": STEP });
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(join(root, `src/${folder}`));
    for (let file = 0; file < 100; file += 1) writeFileSync(join(root, `src/${folder}/${file}.ts`), line.repeat(30));
  }
  // The best of a few, as other tests run beside this one.
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    expect(scan([root])).toHaveLength(1);
    return performance.now() - begun;
  });
  expect(Math.min(...times)).toBeLessThan(500);
});
