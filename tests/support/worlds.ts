import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryWorld } from "@workflow/world/testkit";
import type { Clock, World } from "workflow/world";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import { openPostgresWorld } from "./postgres/world.ts";

/** A World that engine tests run on. */
export interface WorldUnderTest {
  readonly name: string;
  /** An empty one. */
  open(clock?: Clock): Promise<World>;
}

const ALL: readonly WorldUnderTest[] = [
  { name: "memory", open: async (clock) => createMemoryWorld(clock === undefined ? {} : { clock }) },
  { name: "sqlite", open: openLocal },
  { name: "postgres", open: openPostgresWorld },
];

/** The Worlds that every engine test runs on: those that `WORKFLOW_TEST_WORLDS` names, separated by commas. */
export const WORLDS: readonly WorldUnderTest[] = (process.env["WORKFLOW_TEST_WORLDS"] ?? "memory,sqlite")
  .split(",")
  .map(worldNamed);

function worldNamed(name: string): WorldUnderTest {
  const found = ALL.find((world) => world.name === name);
  if (found !== undefined) return found;
  throw new Error(`WORKFLOW_TEST_WORLDS names "${name}"; there are ${ALL.map((world) => world.name).join(", ")}`);
}

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
