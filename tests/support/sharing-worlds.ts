import { createMemoryWorld, withFaults } from "@workflow/world/testkit";
import type { Clock, World } from "workflow/world";
import { openPostgresWorld } from "./postgres/world.ts";

/** The Worlds on which workers share the steps of a run. `open` gives an empty one, whose time is the test's. */
export const SHARING_WORLDS: readonly { readonly name: string; open(clock: Clock): Promise<World> }[] = [
  { name: "memory", open: async (clock) => createMemoryWorld({ clock }) },
  { name: "postgres", open: openPostgresWorld },
];

/** The World as one process sees it, which can die: nothing that it writes arrives any more. */
export interface Process {
  readonly world: World;
  kill(): void;
}

export function processOn(world: World): Process {
  let dead = false;
  const own = withFaults(world, () => {
    if (dead) throw new Error("this process is dead");
  });
  const onHint: World["onHint"] = (listener) => world.onHint((hint) => dead || listener(hint));
  return {
    world: { ...own, onHint },
    kill() {
      dead = true;
    },
  };
}
