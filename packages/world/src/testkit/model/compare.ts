import { expect } from "vitest";
import { createTestClock } from "../clock.ts";
import { CODE } from "../kit/events.ts";
import type { OpenWorld } from "../kit/scene.ts";
import { comparableSnapshotOf, outcomeOf } from "../kit/snapshot.ts";
import { createMemoryWorld } from "../memory/world.ts";
import { WORKERS, type Player } from "./dice.ts";
import { nextOperation } from "./operations.ts";
import { createRandom } from "./random.ts";

/**
 * Makes the same random calls on a World and on the memory World, and compares every answer and everything that can
 * be read after it. Returns what happened, a line per call; throws at the first difference. A seed repeats exactly.
 */
export async function compareWithModel(open: OpenWorld, seed: number, operations: number): Promise<readonly string[]> {
  const clock = createTestClock();
  const model: Player = { world: createMemoryWorld({ clock }), leases: [], spent: new Set() };
  const tested: Player = { world: await open({ clock }), leases: [], spent: new Set() };
  const random = createRandom(seed);
  const lines: string[] = [];
  try {
    for (const { world } of [model, tested]) {
      await world.code.put(CODE);
      for (const worker of WORKERS) await world.join(worker);
    }
    for (let count = 0; count < operations; count += 1) {
      const operation = await nextOperation({ random, clock, model });
      const expected = await outcomeOf(operation.call(model));
      const actual = await outcomeOf(operation.call(tested));
      lines.push(`${operation.name} -> ${JSON.stringify(expected)}`);
      const left = await comparableSnapshotOf(tested.world, clock.now());
      // The story so far stands on both sides, so that a difference is shown with what led to it.
      expect({ lines, outcome: actual, left }).toEqual({
        lines,
        outcome: expected,
        left: await comparableSnapshotOf(model.world, clock.now()),
      });
    }
  } finally {
    await model.world.close();
    await tested.world.close();
  }
  return lines;
}
