import { start } from "workflow/api";
import { stepsThenHook } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { untilParked } from "./parked.ts";
import { timeResume } from "./resume.ts";

/** Three events each. */
const LONG = 3_333;
const STEPS: Readonly<Record<string, number>> = { first: 1, short: 1, long: LONG };

/** Leaves runs that wait on the hooks `first`, `short` and `long`. */
export const longHistory: Measurement = {
  warmUp: () => Promise.resolve(),
  async round() {
    await Promise.all(Object.entries(STEPS).map(([token, steps]) => start(stepsThenHook, [steps, token])));
    for (const token of Object.keys(STEPS)) await untilParked(token);
    return {};
  },
};

/**
 * The first resume of a process loads the code and makes the realm. Each later one finds its run with no live worker:
 * it is leased, its history read and replayed, and read again by the writer for the run's first commit. The short
 * run's time is taken off, so what remains is what the length of the history costs.
 */
export const coldReplay: Measurement = {
  warmUp: () => timeResume("first"),
  async round() {
    const short = await timeResume("short");
    const long = await timeResume("long");
    return { "cold-replay-10000": { samples: [long - short] } };
  },
};
