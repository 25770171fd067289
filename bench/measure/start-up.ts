import { setTimeout as delay } from "node:timers/promises";
import { serverProcesses } from "../server-processes.ts";
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

/** CPU time by wall time while nothing happens, in percent: of this process, and of the database server if there is one. */
async function idleCpu(): Promise<{ readonly here: number; readonly server: readonly number[] }> {
  const server = await serverProcesses();
  const wallBefore = performance.now();
  const serverBefore = server?.cpuTime();
  const cpuBefore = process.cpuUsage();
  await delay(IDLE_MS);
  const { user, system } = process.cpuUsage(cpuBefore);
  const serverAfter = server?.cpuTime();
  const percent = (cpu: number): number => (cpu / (performance.now() - wallBefore)) * 100;
  const known = serverBefore !== undefined && serverAfter !== undefined;
  return { here: percent((user + system) / 1000), server: known ? [percent(serverAfter - serverBefore)] : [] };
}

export const parkedStart: Measurement = {
  warmUp: firstRun,
  async round() {
    const { here, server } = await idleCpu();
    return {
      "parked-100000-start": { samples: [startUp] },
      "parked-100000-idle-cpu": { samples: [here] },
      "parked-100000-idle-server-cpu": { samples: server },
    };
  },
};

export const emptyStart: Measurement = {
  warmUp: firstRun,
  round: async () => ({ "parked-100000-start": { samples: [], floor: startUp } }),
};
