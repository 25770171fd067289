// `node tests/conformance/run.ts` writes docs/conformance.md; with `--check` it only looks whether the page is whole and
// up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "./judge.ts";
import { render } from "./render.ts";
import { CHAPTERS } from "./statements.ts";
import { readTitles } from "./titles.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = join(ROOT, "docs/conformance.md");

const judgement = judge(CHAPTERS, readTitles(ROOT));
const page = render(judgement);
const problems = [...judgement.problems];
if (!process.argv.includes("--check")) writeFileSync(PAGE, page);
else if (readFileSync(PAGE, "utf8") !== page) problems.push("docs/conformance.md is out of date: npm run conformance");

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
