// node bench/run.ts [--world local|postgres] [--json] [--keep] [--profile] [workload...]
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { keep } from "./keep.ts";
import { floorResult, formatNotes, formatTable, median, type Result, workloadResult } from "./report.ts";
import { measureRounds } from "./rounds.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { openTarget } from "./targets/open-target.ts";
import type { Floors } from "./targets/target.ts";
import { WORLDS, workloadsOf } from "./workloads.ts";

/** On the disk of the repository: a temporary directory may be in memory, where durability costs nothing. */
const DATA = fileURLToPath(new URL(".data", import.meta.url));

/** The load of the last minute above which others disturb the measurements. */
const BUSY = 0.5;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    world: { type: "string", default: "local" },
  },
});
const world = WORLDS.find((name) => name === options.world) ?? refuse("World", [options.world], WORLDS);
const workloads = workloadsOf(world);
const unknown = positionals.filter((name) => !workloads.some((known) => known === name));
if (unknown.length > 0) refuse(`workload of the World ${world}`, unknown, workloads);
const chosen = new Set(positionals.length > 0 ? positionals : workloads);

const [load = 0] = loadavg();
if (load > BUSY) console.error(`The machine is busy already (load ${load.toFixed(1)}): expect times that are too high`);

await using target = await openTarget(world, DATA);
const results: Result[] = [];
const floors: Floors[] = [];
for (const scenario of SCENARIOS) {
  const measures = scenario.measures.filter((name) => chosen.has(name));
  if (measures.length > 0) await measure({ ...scenario, measures });
}
results.push(floorOf("commit"), floorOf("least"));
if (options.json) for (const result of results) console.log(JSON.stringify(result));
else console.log([formatTable(results), ...formatNotes(results)].join("\n"));
if (options.keep) console.error(`Kept in ${keep(results, { world, storage: target.description, load })}`);

async function measure(scenario: Scenario): Promise<void> {
  console.error(`Measuring ${scenario.measures.join(", ")}`);
  await using place = await target.openPlace();
  const measured = await measureRounds(scenario, place, options.profile ? `${DATA}/profiles` : undefined);
  for (const [name, rounds] of measured.rounds) {
    // What this machine does not show is left out.
    if (rounds.some(({ samples }) => samples.length > 0)) results.push(workloadResult(world, name, rounds));
  }
  floors.push(...measured.floors);
}

function floorOf(kind: keyof Floors): Result {
  const rounds = floors.map((floor) => ({ samples: floor[kind], floor: median(floor.commit) }));
  return floorResult(`floor: ${target.floors[kind]}`, rounds);
}

function refuse(what: string, given: readonly string[], known: readonly string[]): never {
  console.error(`There is no ${what} ${given.join(", ")}. There are ${known.join(", ")}`);
  process.exit(2);
}
