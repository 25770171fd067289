import { coldReplay, longHistory } from "./measure/cold-replay.ts";
import { hookStream } from "./measure/hook-stream.ts";
import type { Measurement } from "./measure/measurement.ts";
import { park100000, parkedHeap } from "./measure/parked.ts";
import { resumeToStep } from "./measure/resume.ts";
import { fanOut1000, oneStep, sequential1000, sequentialGrowth } from "./measure/sequence.ts";
import { emptyStart, parkedStart } from "./measure/start-up.ts";
import { throughput } from "./measure/throughput.ts";
import { writeThreadProfiles } from "./threads.ts";

/**
 * One process that measures, started by `child-process.ts` with `workflow/register`. Says when it is warm, then has a
 * round whenever it is told to and answers with its figures; between rounds it does nothing.
 */

const ROLES: Readonly<Record<string, Measurement>> = {
  "sequential-1000": sequential1000,
  "sequential-growth": sequentialGrowth,
  "one-step": oneStep,
  "resume-to-step": resumeToStep,
  "throughput-500x3": throughput,
  "fanout-1000": fanOut1000,
  "hook-stream-10000": hookStream,
  "parked-heap": parkedHeap,
  "park-100000": park100000,
  "empty-start": emptyStart,
  "parked-start": parkedStart,
  "long-history": longHistory,
  "cold-replay": coldReplay,
};

const [role = ""] = process.argv.slice(2);
const measurement = ROLES[role];
if (measurement === undefined) throw new Error(`There is no role ${role}`);
process.on("message", async () => process.send?.(await measurement.round()));
// Like a crash as far as the engine is concerned: the next process has to take everything over.
process.on("disconnect", async () => {
  await writeThreadProfiles();
  process.exit();
});
await measurement.warmUp();
process.send?.({});
