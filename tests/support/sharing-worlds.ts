import { withFaults } from "@workflow/world/testkit";
import type { World } from "workflow/world";
import { WORLDS, type WorldUnderTest } from "./worlds.ts";

/** Of the Worlds under test, those on which workers share the steps of a run. */
export const SHARING_WORLDS: readonly WorldUnderTest[] = WORLDS.filter(({ name }) => name !== "sqlite");

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
