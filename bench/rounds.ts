import { NO_WORKER, startChild } from "./child-process.ts";
import { median, type Round } from "./report.ts";
import type { Processes, Scenario } from "./scenarios.ts";
import type { Floors, Place } from "./targets/target.ts";
import { type Figure, type Figures, type WorkloadName, workloadNamed } from "./workloads.ts";

export interface Measured {
  readonly rounds: ReadonlyMap<WorkloadName, readonly Round[]>;
  readonly floors: readonly Floors[];
}

/** Processes work and the floors are measured by turns, so that each round has a floor of the same moment. */
export async function measureRounds(scenario: Scenario, place: Place, profiles: string | undefined): Promise<Measured> {
  const rounds = new Map(scenario.measures.map((name): [WorkloadName, Round[]] => [name, []]));
  await using source = await prepare(scenario.processes, place, profiles);
  const floors = [await place.measureFloors()];
  for (let round = 0; round < scenario.rounds; round += 1) {
    const figures = await source.measure(round);
    floors.push(await place.measureFloors());
    const commits = floors.slice(-2).flatMap((floor) => floor.commit);
    for (const [name, into] of rounds) into.push(roundOf(name, figures, commits));
  }
  return { rounds, floors };
}

interface Source extends AsyncDisposable {
  measure(round: number): Promise<readonly Figures[]>;
}

async function prepare(processes: Processes, place: Place, profiles: string | undefined): Promise<Source> {
  if (processes.kind === "warm") {
    const { role, hasWorker = true } = processes;
    const env = { ...place.env("engine"), ...(hasWorker ? {} : NO_WORKER) };
    const child = await startChild({ role, env, profiles });
    return { measure: async () => [await child.ask<Figures>("round")], [Symbol.asyncDispose]: () => child.stop() };
  }
  const filled = place.env("filled");
  if (processes.filledBy !== undefined) {
    await once({ role: processes.filledBy, env: filled, profiles });
    await place.settle();
  }
  return {
    async measure(round) {
      const figures: Figures[] = [];
      for (const { data, ...child } of processes.roles) {
        const env = data === "filled" ? filled : place.env(`${child.role}-${round}`);
        figures.push(await once({ ...child, env, profiles }));
      }
      return figures;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A process for one round. */
async function once(options: Parameters<typeof startChild>[0]): Promise<Figures> {
  const child = await startChild(options);
  const figures = await child.ask<Figures>("round");
  await child.stop();
  return figures;
}

function roundOf(name: WorkloadName, all: readonly Figures[], commits: readonly number[]): Round {
  const figures = all.map((some) => some[name]).filter((figure) => figure !== undefined);
  const samples = figures.flatMap((figure) => figure.samples);
  const notes = figures.flatMap(({ note }) => note ?? []);
  return { samples, floor: floorOf(name, figures, commits), notes };
}

function floorOf(name: WorkloadName, figures: readonly Figure[], commits: readonly number[]): number | null {
  switch (workloadNamed(name).floor) {
    case "commit time":
      return median(commits);
    case "commits per second":
      return perSecond(commits);
    case "own":
      return median(figures.flatMap(({ floor }) => floor ?? []));
    case "none":
      return null;
  }
}

function perSecond(milliseconds: readonly number[]): number {
  return (milliseconds.length / milliseconds.reduce((sum, value) => sum + value, 0)) * 1000;
}
