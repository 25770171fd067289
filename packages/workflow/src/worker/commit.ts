import { LeaseLostError, WorkflowError } from "../world/errors.ts";
import type { Committed, Lease, Turn, World } from "../world/world.ts";

const DELAYS_MS = [50, 250, 1_000, 2_000];

/**
 * Commits, again if the World fails for a reason that may pass. An attempt whose answer was lost and that did
 * write makes the next one fail with `LeaseLostError`, because the history has moved on: nothing is written twice.
 */
export async function commitDurably(world: World, lease: Lease, turn: Turn): Promise<Committed> {
  for (const delay of DELAYS_MS) {
    try {
      return await world.commit(lease, turn);
    } catch (error) {
      if (LeaseLostError.is(error) || (error instanceof WorkflowError && error.code !== "WORLD_FAILED")) throw error;
    }
    await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + delay, resolve));
  }
  return world.commit(lease, turn);
}
