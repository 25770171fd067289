import { randomUUID } from "node:crypto";
import { setImmediate as nextTick } from "node:timers/promises";
import { getHookByToken, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { heapOfAllThreads } from "../threads.ts";
import { waitThenStep } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { runSequence } from "./sequence.ts";
import { inFlight } from "./timing.ts";

/** A run that has its hook has nothing else to do. */
export async function untilParked(token: string): Promise<void> {
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

async function park(runs: number): Promise<void> {
  await inFlight(500, runs, async () => {
    const token = randomUUID();
    await start(waitThenStep, [token]);
    await untilParked(token);
  });
  // Writes are made in the order in which they were asked for: now those that give runs back are made too.
  await runSequence(1);
}

export const park100000: Measurement = {
  warmUp: () => runSequence(1),
  async round() {
    await park(100_000);
    return {};
  },
};

export const parkedHeap: Measurement = {
  async warmUp() {
    await inFlight(50, 500, () => runSequence(3));
    await park(50);
  },
  async round() {
    const before = await heapOfAllThreads();
    await park(10_000);
    const after = await heapOfAllThreads();
    return { "parked-10000-heap-mb": { samples: [(after - before) / 2 ** 20] } };
  },
};
