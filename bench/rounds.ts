import { startChild } from "./child-process.ts";
import { type Floors, measureFloors } from "./floors.ts";
import { median, type Round } from "./report.ts";
import type { Processes, Scenario } from "./scenarios.ts";
import { type Figures, type WorkloadName, WORKLOADS } from "./workloads.ts";

export interface Measured {
  readonly rounds: ReadonlyMap<WorkloadName, readonly Round[]>;
  readonly floors: readonly Floors[];
}

/** Processes work and the floors are measured by turns, so that each round has a floor of the same moment. */
export async function measureRounds(
  scenario: Scenario,
  directory: string,
  profiles: string | undefined,
): Promise<Measured> {
  const rounds = new Map(scenario.measures.map((name): [WorkloadName, Round[]] => [name, []]));
  const place = { directory, profiles };
  await using source = await prepare(scenario.processes, place);
  const floors = [measureFloors(directory)];
  for (let round = 0; round < scenario.rounds; round += 1) {
    const figures = await source.measure(round);
    floors.push(measureFloors(directory));
    const commits = floors.slice(-2).flatMap((floor) => floor.commit);
    for (const [name, into] of rounds) into.push(roundOf(name, figures, commits));
  }
  return { rounds, floors };
}

interface Place {
  readonly directory: string;
  readonly profiles: string | undefined;
}

interface Source extends AsyncDisposable {
  measure(round: number): Promise<readonly Figures[]>;
}

async function prepare(processes: Processes, { directory, profiles }: Place): Promise<Source> {
  if (processes.kind === "warm") {
    const child = await startChild({ role: processes.role, directory: `${directory}/engine`, profiles });
    return { measure: async () => [await child.ask<Figures>("round")], [Symbol.asyncDispose]: () => child.stop() };
  }
  const filled = `${directory}/filled`;
  if (processes.filledBy !== undefined) await once({ role: processes.filledBy, directory: filled, profiles });
  return {
    async measure(round) {
      const figures: Figures[] = [];
      for (const { data, ...child } of processes.roles) {
        const own = `${directory}/${child.role}-${round}`;
        figures.push(await once({ ...child, directory: data === "filled" ? filled : own, profiles }));
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
  switch (WORKLOADS[name].floor) {
    case "commit time":
      return { samples, floor: median(commits) };
    case "commits per second":
      return { samples, floor: perSecond(commits) };
    case "own":
      return { samples, floor: median(figures.flatMap(({ floor }) => floor ?? [])) };
    case "none":
      return { samples, floor: null };
  }
}

function perSecond(milliseconds: readonly number[]): number {
  return (milliseconds.length / milliseconds.reduce((sum, value) => sum + value, 0)) * 1000;
}
