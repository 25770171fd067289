// node bench/run.ts [--json] [--keep] [--profile] [workload...]
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Floors } from "./floors.ts";
import { keep } from "./keep.ts";
import { floorResult, formatTable, median, type Result, workloadResult } from "./report.ts";
import { measureRounds } from "./rounds.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { isWorkload, WORKLOADS } from "./workloads.ts";

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
  },
});
const unknown = positionals.filter((name) => !isWorkload(name));
if (unknown.length > 0) {
  console.error(`There is no workload ${unknown.join(", ")}. There are ${Object.keys(WORKLOADS).join(", ")}`);
  process.exit(2);
}
const chosen = new Set(positionals.length > 0 ? positionals : Object.keys(WORKLOADS));

const [load = 0] = loadavg();
if (load > BUSY) console.error(`The machine is busy already (load ${load.toFixed(1)}): expect times that are too high`);

await mkdir(DATA, { recursive: true });
const results: Result[] = [];
const floors: Floors[] = [];
for (const scenario of SCENARIOS) {
  const measures = scenario.measures.filter((name) => chosen.has(name));
  if (measures.length > 0) await measure({ ...scenario, measures });
}
results.push(floorOf("one-row SQLite commit", "commit"), floorOf("append and fdatasync", "sync"));
if (options.json) for (const result of results) console.log(JSON.stringify(result));
else console.log(formatTable(results));
if (options.keep) console.error(`Kept in ${keep(results, load)}`);

async function measure(scenario: Scenario): Promise<void> {
  console.error(`Measuring ${scenario.measures.join(", ")}`);
  const directory = await mkdtemp(`${DATA}/`);
  try {
    const measured = await measureRounds(scenario, directory, options.profile ? `${DATA}/profiles` : undefined);
    for (const [name, rounds] of measured.rounds) results.push(workloadResult(name, rounds));
    floors.push(...measured.floors);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function floorOf(name: string, kind: keyof Floors): Result {
  const rounds = floors.map((floor) => ({ samples: floor[kind], floor: median(floor.commit) }));
  return floorResult(`floor: ${name}`, rounds);
}
