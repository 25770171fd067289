import { answerQuestions } from "./conversation.ts";
import { coldReplay, longHistory } from "./measure/cold-replay.ts";
import { hookStream } from "./measure/hook-stream.ts";
import type { Measurement } from "./measure/measurement.ts";
import { park100000, parkedHeap } from "./measure/parked.ts";
import { payload100Kb, payload10Mb, payload1Kb } from "./measure/payload.ts";
import { resumeOrStart } from "./measure/resume-or-start.ts";
import { resumeSecondProcess } from "./measure/resume-second-process.ts";
import { resumeToStep } from "./measure/resume.ts";
import { scaling } from "./measure/scaling.ts";
import { children1000, fanOut1000, oneStep, sequential1000, sequentialGrowth } from "./measure/sequence.ts";
import { start16 } from "./measure/start-calls.ts";
import { emptyStart, parkedStart } from "./measure/start-up.ts";
import { stream10000 } from "./measure/stream.ts";
import { streamSecondProcess } from "./measure/stream-second-process.ts";
import { throughput } from "./measure/throughput.ts";
import { webhook } from "./measure/webhook.ts";

/**
 * One process that measures, started by `child-process.ts` with `workflow/register`. Says when it is warm, then has a
 * round whenever it is asked and answers with its figures; between rounds it does nothing.
 */

const ROLES: Readonly<Record<string, Measurement>> = {
  "sequential-1000": sequential1000,
  "sequential-growth": sequentialGrowth,
  "one-step": oneStep,
  "resume-to-step": resumeToStep,
  "resume-second-process": resumeSecondProcess,
  "throughput-500x3": throughput,
  "fanout-1000": fanOut1000,
  "start-16": start16,
  "children-1000": children1000,
  "hook-stream-10000": hookStream,
  "stream-10000": stream10000,
  "stream-second-process": streamSecondProcess,
  "resume-or-start": resumeOrStart,
  "webhook-202": webhook,
  "payload-1kb": payload1Kb,
  "payload-100kb": payload100Kb,
  "payload-10mb": payload10Mb,
  "parked-heap": parkedHeap,
  "park-100000": park100000,
  "empty-start": emptyStart,
  "parked-start": parkedStart,
  "long-history": longHistory,
  "cold-replay": coldReplay,
  scaling,
};

const [role = ""] = process.argv.slice(2);
const measurement = ROLES[role];
if (measurement === undefined) throw new Error(`There is no role ${role}`);
await measurement.warmUp();
answerQuestions(() => measurement.round(), measurement.end);
