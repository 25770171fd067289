import { start } from "workflow/api";
import { median } from "../report.ts";
import { family, fanOut, sequence } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { repeat, timed } from "./timing.ts";

/** One run of so many steps, from `start()` to its result. */
export async function runSequence(steps: number): Promise<void> {
  const run = await start(sequence, [steps]);
  await run.returnValue;
}

async function timePerStep(steps: number): Promise<number> {
  return (await timed(() => runSequence(steps))) / steps;
}

export const sequential1000: Measurement = {
  warmUp: () => runSequence(300),
  round: async () => ({ "sequential-1000": { samples: [await timePerStep(1000)] } }),
};

export const sequentialGrowth: Measurement = {
  warmUp: () => runSequence(1000),
  async round() {
    const before = await repeat(10, () => timePerStep(100));
    const samples = [await timePerStep(10_000)];
    const after = await repeat(10, () => timePerStep(100));
    return { "sequential-growth": { samples, floor: median([...before, ...after]) } };
  },
};

export const oneStep: Measurement = {
  warmUp: () => repeat(1000, () => timed(() => runSequence(1))),
  round: async () => ({ "one-step": { samples: await repeat(25, () => timed(() => runSequence(1))) } }),
};

async function runFanOut(): Promise<void> {
  const run = await start(fanOut, [1000]);
  await run.returnValue;
}

export const fanOut1000: Measurement = {
  warmUp: () => repeat(3, () => timed(runFanOut)),
  round: async () => ({ "fanout-1000": { samples: await repeat(3, () => timed(runFanOut)) } }),
};

async function runFamily(): Promise<void> {
  const run = await start(family, [1000]);
  await run.returnValue;
}

/** Its floor: a thousand such runs that the same process starts and awaits itself. */
export const children1000: Measurement = {
  warmUp: () => timed(runFamily),
  async round() {
    const floor = await timed(() => Promise.all(Array.from({ length: 1000 }, () => runSequence(1))));
    return { "children-1000": { samples: [await timed(runFamily)], floor } };
  },
};
