// node tests/crash/run.ts [scenario | poison | chaos | resumes ...] [--world postgres] [--at <point> ...] [--seed <number>] [--seconds <number>]
import { parseArgs } from "node:util";
import { runAll } from "./cases.ts";
import { runChaos } from "./chaos/run-chaos.ts";
import { takeReference, type CrashCase, type Reference } from "./crash-case.ts";
import { runPoison } from "./poison.ts";
import { spread } from "./points.ts";
import { runResumes } from "./resumes/run-resumes.ts";
import { SCENARIOS } from "./scenarios.ts";
import { startServer } from "../support/postgres/server.ts";

/** Where the process that recovers is killed as well. */
const RECOVERY_POINTS = ["lease:1:after", "commit:1:before", "commit:1:after"] as const;
/** After how many of a scenario's points. */
const DOUBLE_CRASHES = 5;
const CHAOS_SECONDS = 60;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    world: { type: "string", default: "local" },
    at: { type: "string", multiple: true },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    seconds: { type: "string", default: String(CHAOS_SECONDS) },
  },
});
/** Chaos on PostgreSQL is another program: `tests/chaos`. */
const names = [...SCENARIOS, "poison", ...(options.world === "postgres" ? [] : ["chaos", "resumes"])];
const unknown = positionals.filter((name) => !names.includes(name));
if (!["local", "postgres"].includes(options.world)) unknown.push(`World ${options.world}`);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")}. There are ${names.join(", ")}, and the Worlds local and postgres`);
  process.exit(2);
}

// On the server that the environment names, what a failed case has stored is kept.
const { WORKFLOW_TEST_POSTGRES_URL: given } = process.env;
await using own = options.world === "postgres" && given === undefined ? await startServer() : undefined;
const server = options.world === "postgres" ? (given ?? own?.url) : undefined;

for (const name of positionals.length > 0 ? positionals : names) {
  const before = performance.now();
  const violations = await run(name).catch((error: unknown) => [String(error)]);
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) process.exitCode = 1;
  const seconds = ((performance.now() - before) / 1000).toFixed(1);
  console.log(`${violations.length === 0 ? "ok    " : "FAILED"} ${name.padEnd(12)} ${seconds} s`);
}

async function run(name: string): Promise<readonly string[]> {
  if (name === "poison") return runPoison(server);
  if (name === "resumes") {
    const { answered, deaths, violations } = await runResumes(Number(options.seed));
    console.log(`resumes: ${answered} payloads answered, ${deaths} deaths`);
    return violations;
  }
  if (name === "chaos") {
    console.log(`chaos: ${options.seconds} s with --seed ${options.seed}`);
    const { runs, deaths, violations } = await runChaos({
      seed: Number(options.seed),
      seconds: Number(options.seconds),
    });
    console.log(`chaos: ${runs} runs, ${deaths} deaths`);
    return violations;
  }
  const reference = await takeReference(name, server);
  const cases = options.at === undefined ? casesOf(reference) : [{ reference, points: options.at }];
  const { deaths, unharmed, reports } = await runAll(cases);
  console.log(`${name}: ${cases.length} cases, ${deaths} deaths, ${unharmed} cases without one`);
  return reports;
}

function casesOf(reference: Reference): readonly CrashCase[] {
  const { points } = reference;
  const doubles = spread(points, DOUBLE_CRASHES).flatMap((first) =>
    RECOVERY_POINTS.map((second) => ({ reference, points: [first, second] })),
  );
  return [...points.map((point) => ({ reference, points: [point] })), ...doubles];
}
