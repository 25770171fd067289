import { expect, test } from "vitest";
import { KINDS } from "./disturbances.ts";
import { runChaos } from "./run-chaos.ts";

/** The short form of `npm run chaos`: one round of everything that can happen. */
const SHORT = { seed: 5, runs: 150, seconds: 25, kinds: KINDS } as const;
const PATIENCE_MS = 180_000;

test(
  "four workers, killed, stalled and cut off, on a PostgreSQL that is restarted, do what one would",
  {
    timeout: PATIENCE_MS,
  },
  async () => {
    const { runs, bodies, disturbances, violations } = await runChaos(SHORT);
    expect(violations.join("\n")).toBe("");
    expect(runs).toBeGreaterThan(SHORT.runs);
    expect(bodies).toBeGreaterThan(2 * SHORT.runs);
    expect(disturbances.get("kill")).toBeGreaterThan(3);
    expect(new Set(disturbances.keys())).toEqual(new Set(KINDS));
  },
);
