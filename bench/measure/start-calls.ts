import { type Run, start } from "workflow/api";
import { sequence } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { inFlight, timed } from "./timing.ts";

const CALLERS = 16;

/** Calls per second, of runs that this process works off meanwhile. */
async function rateOfCalls(count: number): Promise<number> {
  const runs: Run<void>[] = [];
  const milliseconds = await timed(() => inFlight(CALLERS, count, async () => runs.push(await start(sequence, [0]))));
  await Promise.all(runs.map((run) => run.returnValue));
  return count / (milliseconds / 1000);
}

export const start16: Measurement = {
  warmUp: () => rateOfCalls(1_000),
  round: async () => ({ "start-16": { samples: [await rateOfCalls(2_000)] } }),
};
