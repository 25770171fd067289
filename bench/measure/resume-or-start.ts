import { randomUUID } from "node:crypto";
import { resumeHook, resumeOrStart as call, type Run, start } from "workflow/api";
import { consume, sequence, takeOne } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { untilParked } from "./parked.ts";
import { inFlight, timed } from "./timing.ts";

const CALLERS = 100;

/** Calls per second, the time until the runs have ended included. */
async function rateOfStarts(count: number, begin: () => Promise<Run<void>>): Promise<number> {
  const runs: Run<void>[] = [];
  const milliseconds = await timed(async () => {
    await inFlight(CALLERS, count, async () => runs.push(await begin()));
    await Promise.all(runs.map((run) => run.returnValue));
  });
  return perSecond(count, milliseconds);
}

/** Calls per second, the time until the run has taken in all payloads included. */
async function rateOfResumes(count: number, resume: (token: string) => Promise<unknown>): Promise<number> {
  const token = randomUUID();
  const run = await start(consume, [token, count]);
  await untilParked(token);
  const milliseconds = await timed(async () => {
    await inFlight(CALLERS, count, () => resume(token));
    await run.returnValue;
  });
  return perSecond(count, milliseconds);
}

async function rates(count: number): Promise<Awaited<ReturnType<Measurement["round"]>>> {
  const starts = await rateOfStarts(count, () => start(sequence, [0]));
  const started = await rateOfStarts(count, startAnother);
  const resumes = await rateOfResumes(count, (token) => resumeHook(token, null));
  const resumed = await rateOfResumes(count, (token) => call(token, null, consume, [token, count]));
  return {
    "resume-or-start-new": { samples: [started], floor: starts },
    "resume-or-start-live": { samples: [resumed], floor: resumes },
  };
}

async function startAnother(): Promise<Run<void>> {
  const token = randomUUID();
  return (await call(token, null, takeOne, [token])).run;
}

function perSecond(count: number, milliseconds: number): number {
  return count / (milliseconds / 1000);
}

/** `start()` and `resumeHook()` beside it, each doing the part of its work that they can do. */
export const resumeOrStart: Measurement = { warmUp: () => rates(1_000), round: () => rates(2_000) };
