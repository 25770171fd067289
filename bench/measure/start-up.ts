import { setTimeout as delay } from "node:timers/promises";
import type { Measurement } from "./measurement.ts";
import { runSequence } from "./sequence.ts";

const IDLE_MS = 10_000;

/** When the parent asked for this process, in milliseconds since the epoch. */
const spawnedAt = Number(process.argv[3]);
let startUp = Number.NaN;

/** A first run has its result: the worker has joined and does its work. */
async function firstRun(): Promise<void> {
  await runSequence(1);
  startUp = performance.timeOrigin + performance.now() - spawnedAt;
}

/** CPU time of all threads by wall time while nothing happens, in percent. */
async function idleCpu(): Promise<number> {
  const wallBefore = performance.now();
  const cpuBefore = process.cpuUsage();
  await delay(IDLE_MS);
  const { user, system } = process.cpuUsage(cpuBefore);
  return ((user + system) / 1000 / (performance.now() - wallBefore)) * 100;
}

export const parkedStart: Measurement = {
  warmUp: firstRun,
  round: async () => ({
    "parked-100000-start": { samples: [startUp] },
    "parked-100000-idle-cpu": { samples: [await idleCpu()] },
  }),
};

export const emptyStart: Measurement = {
  warmUp: firstRun,
  round: async () => ({ "parked-100000-start": { samples: [], floor: startUp } }),
};
