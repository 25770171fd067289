import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryWorld } from "@workflow/world/testkit";
import type { Clock, World } from "workflow/world";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";

/** The Worlds that every engine test runs on. `open` gives an empty one. */
export const WORLDS: readonly { readonly name: string; open(clock?: Clock): Promise<World> }[] = [
  { name: "memory", open: async (clock) => createMemoryWorld(clock === undefined ? {} : { clock }) },
  { name: "sqlite", open: openLocal },
];

async function openLocal(clock?: Clock): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "workflow-engine-"));
  const world = await createLocalWorld({ directory, ...(clock !== undefined && { clock }) });
  const close = world.close.bind(world);
  return Object.assign(world, {
    async close() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  });
}
