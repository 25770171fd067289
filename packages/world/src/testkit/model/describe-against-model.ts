import { describe, expect, test } from "vitest";
import type { OpenWorld } from "../kit/scene.ts";
import { compareWithModel } from "./compare.ts";

const SEEDS = 40;
const OPERATIONS = 80;

/** Registers a comparison of a World with the memory World, over random sequences of calls. */
export function describeAgainstModel(name: string, open: OpenWorld): void {
  describe(`${name} World against the model`, () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      test(`${OPERATIONS} random calls, seed ${seed}`, async () => {
        expect(await compareWithModel(open, seed, OPERATIONS)).toHaveLength(OPERATIONS);
      });
    }
  });
}
