// npm run test:frameworks -- [NAME...]: the examples as their users have them, installed, built, started, killed, edited
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { packPackages } from "../packages/npm.ts";
import { type Example, findExamples } from "./examples.ts";
import { printReport, type Result } from "./report.ts";
import { checkExample } from "./check-example.ts";

const LINES_SHOWN = 60;

const names = process.argv.slice(2);
const examples = findExamples();
const unknown = names.filter((name) => !examples.some((example) => example.name === name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}. There are ${examples.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
// Signals end the process as usual, and then what it has started ends as well.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const folder = mkdtempSync(join(tmpdir(), "frameworks-"));
const { workflow } = await packPackages(folder);
const results: Result[] = [];
for (const example of names.length > 0 ? examples.filter(({ name }) => names.includes(name)) : examples) {
  results.push(await check(example));
}
printReport(results);
const isFine = results.every(({ failure }) => failure === undefined);
if (isFine) rmSync(folder, { recursive: true, force: true });
process.exitCode = isFine ? 0 : 1;

async function check(example: Example): Promise<Result> {
  console.log(`${example.name}`);
  const at = join(folder, example.name);
  const result = await checkExample(example, at, workflow);
  if (result.failure === undefined) rmSync(at, { recursive: true, force: true });
  else {
    console.log(`\n${example.name}: ${inspect(result.failure)}\n\nThe end of ${at}/output.log:\n${endOfLog(at)}\n`);
  }
  return result;
}

function endOfLog(at: string): string {
  const log = join(at, "output.log");
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(-LINES_SHOWN).join("\n") : "(there is none)";
}
