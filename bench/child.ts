import { randomUUID } from "node:crypto";
import { setImmediate as nextTick } from "node:timers/promises";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { lastResume, sequence, waitThenStep } from "./workflows.ts";
import { IN_FLIGHT, isWorkload, type WorkloadName } from "./workloads.ts";

/**
 * Runs one workload in this process, which `run.ts` starts with `workflow/register`. Says when it is warm, then runs
 * a round whenever it is told to and answers with its samples; between rounds it does nothing.
 */

interface Measurement {
  warmUp(): Promise<unknown>;
  /** Milliseconds or steps per second, as `WORKLOADS` says. */
  round(): Promise<readonly number[]>;
}

const MEASUREMENTS: Readonly<Record<WorkloadName, Measurement>> = {
  "sequential-1000": {
    warmUp: () => timeSequence(300),
    round: async () => [(await timeSequence(1000)) / 1000],
  },
  "one-step": {
    warmUp: () => timeSequences(50),
    round: () => timeSequences(25),
  },
  "resume-to-step": {
    warmUp: () => timeResumes(50),
    round: () => timeResumes(25),
  },
  "throughput-500x3": {
    warmUp: () => timeRuns(150),
    round: async () => [(500 * 3) / ((await timeRuns(500)) / 1000)],
  },
};

async function timeSequence(steps: number): Promise<number> {
  const before = performance.now();
  const run = await start(sequence, [steps]);
  await run.returnValue;
  return performance.now() - before;
}

async function timeSequences(count: number): Promise<readonly number[]> {
  const samples: number[] = [];
  while (samples.length < count) samples.push(await timeSequence(1));
  return samples;
}

async function timeRuns(count: number): Promise<number> {
  let started = 0;
  const before = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (started < count) {
        started += 1;
        const run = await start(sequence, [3]);
        await run.returnValue;
      }
    }),
  );
  return performance.now() - before;
}

async function timeResumes(count: number): Promise<readonly number[]> {
  const tokens = Array.from({ length: count }, () => randomUUID());
  const runs = await Promise.all(tokens.map((token) => start(waitThenStep, [token])));
  for (const token of tokens) await untilParked(token);
  const samples: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const before = performance.now();
    await resumeHook(token, null);
    await runs[index]?.returnValue;
    samples.push(lastResume.at - before);
  }
  return samples;
}

/** A run that has its hook has nothing else to do. */
async function untilParked(token: string): Promise<void> {
  for (;;) {
    try {
      await getHookByToken(token);
      return;
    } catch (error) {
      if (!HookNotFoundError.is(error)) throw error;
    }
    await nextTick();
  }
}

const [name = ""] = process.argv.slice(2);
if (!isWorkload(name)) throw new Error(`There is no workload ${name}`);
const { warmUp, round } = MEASUREMENTS[name];
process.on("message", async () => process.send?.(await round()));
process.on("disconnect", () => process.exit());
await warmUp();
process.send?.([]);
