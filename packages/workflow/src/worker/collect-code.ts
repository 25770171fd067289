import type { World } from "../world/world.ts";

const PERIOD_MS = 3_600_000;

/** What was stored is about to get its first run; ten minutes are enough for whoever is slow. */
const GRACE_MS = 600_000;

/** Has the World remove the bundles that no run needs any more, now and once an hour. Returns what ends it. */
export function collectCode(
  world: Pick<World, "code" | "clock">,
  onProblem: (message: string, cause: unknown) => void,
): () => void {
  let stopped = false;
  let cancel = (): void => {};
  const collect = (): void => {
    world.code.collect(world.clock.now() - GRACE_MS).catch((error: unknown) => {
      if (!stopped) onProblem("Removing code that no run needs failed; it will be tried again", error);
    });
    cancel = world.clock.delay(PERIOD_MS, collect);
  };
  collect();
  return () => {
    stopped = true;
    cancel();
  };
}
