import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resumeHook, start } from "workflow/api";
import { machineTime } from "../clock.ts";
import { signals } from "../signals.ts";
import { waitThenStep } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { untilParked } from "./parked.ts";

/** Resumes, and says when it began to. */
type Resume = (token: string) => Promise<number>;

async function resumeHere(token: string): Promise<number> {
  const before = machineTime();
  await resumeHook(token, null);
  return before;
}

/** From the call of `resumeHook()` until the body of the step after the hook runs, in milliseconds. */
export async function timeResume(token: string, resume: Resume = resumeHere): Promise<number> {
  const resumed = once(signals, "resumed") as Promise<[at: number]>;
  const before = await resume(token);
  const [at] = await resumed;
  return at - before;
}

/** Of runs that were parked, and live. */
export async function timeResumes(count: number, resume: Resume): Promise<readonly number[]> {
  const tokens = Array.from({ length: count }, () => randomUUID());
  const runs = await Promise.all(tokens.map((token) => start(waitThenStep, [token])));
  for (const token of tokens) await untilParked(token);
  const samples: number[] = [];
  for (const [index, token] of tokens.entries()) {
    samples.push(await timeResume(token, resume));
    await runs[index]?.returnValue;
  }
  return samples;
}

export const resumeToStep: Measurement = {
  warmUp: () => timeResumes(500, resumeHere),
  round: async () => ({ "resume-to-step": { samples: await timeResumes(25, resumeHere) } }),
};
