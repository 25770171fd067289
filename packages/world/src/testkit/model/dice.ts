import type { Lease, World } from "workflow/world";
import type { TestClock } from "../clock.ts";
import { runIdOf } from "../kit/events.ts";
import type { Random } from "./random.ts";

/** One of the two Worlds that are compared, with the leases it gave so far. */
export interface Player {
  readonly world: World;
  /** Also those that are stale by now. At the same index in both players, for the same run and worker. */
  readonly leases: Lease[];
  /** Indexes of leases that were given back or found to be lost. */
  readonly spent: Set<number>;
}

/** A call that both Worlds get. What it answers must be the same on both. */
export interface Operation {
  readonly name: string;
  call(player: Player): Promise<unknown>;
}

/** All have joined when the first operation is made. */
export const WORKERS = ["wrkr_a", "wrkr_b", "wrkr_c"] as const;
export const TOKENS = ["door", "gate", "window"] as const;
export const RUNS = 7;
const KEYS = ["k1", "k2"] as const;
const DAY = 24 * 60 * 60 * 1000;

/** Everything that a random operation depends on. */
export interface Dice {
  readonly random: Random;
  readonly clock: TestClock;
  /** The model: what it holds steers the choice towards operations that change something. */
  readonly model: Player;
}

export async function knownRuns({ model }: Dice): Promise<readonly string[]> {
  return (await model.world.runs.list()).data.map((run) => run.runId);
}

/** A run that exists, usually. */
export async function anyRun(dice: Dice): Promise<string> {
  const known = await knownRuns(dice);
  return known.length > 0 && dice.random.chance(90) ? dice.random.pick(known) : runIdOf(RUNS + 1);
}

/** A lease that has worked so far, usually. */
export function anyLease({ random, model: { leases, spent } }: Dice): number {
  const indexes = [...leases.keys()];
  const good = indexes.filter((index) => !spent.has(index));
  return random.pick(good.length > 0 && random.chance(90) ? good : indexes);
}

export function anyDueTime({ random, clock }: Dice): number | null {
  return random.pick([null, 0, clock.now() + 1000 * random.below(60)]);
}

/** An idempotency key, `percent` times in a hundred. */
export function anyKey(random: Random, percent: number): { readonly idempotencyKey?: string } {
  return random.chance(percent) ? { idempotencyKey: random.pick(KEYS) } : {};
}

/** How long something lasts, in milliseconds: about as long as the clock is moved. */
export function anySpan(random: Random): number {
  return random.pick([1000, 1000, 5000, 5000, 30_000, 60_000, 8 * DAY]);
}

export function moveClock({ random, clock }: Dice): Operation {
  const short = [1, 10, 100, 100, 900, 900, 2000, 2000, 4000, 4000, 11_000, 60_000];
  const ms = random.pick(random.chance(10) ? [4 * DAY, 8 * DAY] : short);
  let moved = false;
  return {
    name: `${ms} ms pass`,
    async call() {
      // Both players share the clock.
      if (!moved) clock.advance(ms);
      moved = true;
    },
  };
}

export function numberOf(runId: string): number {
  return Number(runId.slice("wrun_".length));
}
