import { randomUUID } from "node:crypto";
import { resumeHook, start } from "workflow/api";
import { consume } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { untilParked } from "./parked.ts";
import { inFlight, timed } from "./timing.ts";

const CALLERS = 50;

async function timeStream(payloads: number): Promise<number> {
  const token = randomUUID();
  const run = await start(consume, [token, payloads]);
  await untilParked(token);
  return timed(async () => {
    await inFlight(CALLERS, payloads, (index) => resumeHook(token, { index }));
    await run.returnValue;
  });
}

export const hookStream: Measurement = {
  warmUp: () => timeStream(1000),
  round: async () => ({ "hook-stream-10000": { samples: [(await timeStream(10_000)) / 10_000] } }),
};
