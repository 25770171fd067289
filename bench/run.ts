// node bench/run.ts [--json] [--profile] [workload...]
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Floors, measureFloors } from "./floors.ts";
import { formatTable, median, type Result, resultOf, type Round } from "./report.ts";
import { isWorkload, ROUNDS, type WorkloadName, WORKLOADS } from "./workloads.ts";

/** On the disk of the repository: a temporary directory may be in memory, where durability costs nothing. */
const DATA = fileURLToPath(new URL(".data", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, profile: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !isWorkload(name));
if (unknown.length > 0) {
  console.error(`There is no workload ${unknown.join(", ")}. There are ${Object.keys(WORKLOADS).join(", ")}`);
  process.exit(2);
}
const chosen = positionals.length > 0 ? positionals.filter(isWorkload) : Object.keys(WORKLOADS).filter(isWorkload);

await mkdir(DATA, { recursive: true });
const results: Result[] = [];
const floors: Floors[] = [];
for (const name of chosen) results.push(await measure(name));
results.push(...floorResults());
if (options.json) for (const result of results) console.log(JSON.stringify(result));
else console.log(formatTable(results));

async function measure(name: WorkloadName): Promise<Result> {
  const directory = await mkdtemp(`${DATA}/`);
  try {
    return resultOf(name, WORKLOADS[name].unit, await measureRounds(name, directory));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The child works and the floors are measured by turns, so that each round has a floor of the same moment. */
async function measureRounds(name: WorkloadName, directory: string): Promise<readonly Round[]> {
  const child = startChild(name, directory);
  await answerOf(child);
  const rounds: Round[] = [];
  let before = takeFloors(directory);
  while (rounds.length < ROUNDS) {
    child.send("round");
    const samples = await answerOf(child);
    const after = takeFloors(directory);
    const commits = [...before.commit, ...after.commit];
    rounds.push({ samples, floor: WORKLOADS[name].floor === "commit time" ? median(commits) : perSecond(commits) });
    before = after;
  }
  child.disconnect();
  await once(child, "exit");
  return rounds;
}

async function answerOf(child: ChildProcess): Promise<readonly number[]> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const death = once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`The process of the workload ended with ${code}`);
    });
    const [samples] = await Promise.race([once(child, "message", { signal }), death]);
    return samples as readonly number[];
  } finally {
    settled.abort();
  }
}

function takeFloors(directory: string): Floors {
  const taken = measureFloors(directory);
  floors.push(taken);
  return taken;
}

function perSecond(milliseconds: readonly number[]): number {
  return (milliseconds.length / milliseconds.reduce((sum, value) => sum + value, 0)) * 1000;
}

/** The engine gets its defaults, whatever the environment of this process says, and a directory of its own. */
function startChild(name: WorkloadName, directory: string): ChildProcess {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith("WORKFLOW_"));
  const profile = options.profile ? ["--cpu-prof", `--cpu-prof-dir=${DATA}/profiles`] : [];
  return fork(fileURLToPath(new URL("child.ts", import.meta.url)), [name], {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), WORKFLOW_LOCAL_DATA_DIR: `${directory}/engine` },
    execArgv: ["--import", "workflow/register", ...profile],
  });
}

function floorResults(): readonly Result[] {
  const rounds = (kind: keyof Floors): readonly Round[] =>
    floors.map((floor) => ({ samples: floor[kind], floor: median(floor.commit) }));
  return [
    resultOf("floor: one-row SQLite commit", "ms", rounds("commit")),
    resultOf("floor: append and fdatasync", "ms", rounds("sync")),
  ];
}
