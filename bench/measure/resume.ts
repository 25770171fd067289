import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { resumeHook, start } from "workflow/api";
import { signals } from "../signals.ts";
import { waitThenStep } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { untilParked } from "./parked.ts";

/** From the call of `resumeHook()` until the body of the step after the hook runs, in milliseconds. */
export async function timeResume(token: string): Promise<number> {
  const resumed = once(signals, "resumed") as Promise<[at: number]>;
  const before = performance.now();
  await resumeHook(token, null);
  const [at] = await resumed;
  return at - before;
}

async function timeResumes(count: number): Promise<readonly number[]> {
  const tokens = Array.from({ length: count }, () => randomUUID());
  const runs = await Promise.all(tokens.map((token) => start(waitThenStep, [token])));
  for (const token of tokens) await untilParked(token);
  const samples: number[] = [];
  for (const [index, token] of tokens.entries()) {
    samples.push(await timeResume(token));
    await runs[index]?.returnValue;
  }
  return samples;
}

export const resumeToStep: Measurement = {
  warmUp: () => timeResumes(500),
  round: async () => ({ "resume-to-step": { samples: await timeResumes(25) } }),
};
