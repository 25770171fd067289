import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "workflow/world";
import { createLocalWorld } from "../../packages/workflow/src/local/world.ts";
import { canWrite } from "./can-write.ts";
import { openSharedSchema } from "./postgres/shared-data.ts";
import { WORLDS } from "./worlds.ts";

/** Data that several processes use. Whoever opens it disposes of it when they are gone, which removes it. */
export interface SharedData extends AsyncDisposable {
  /** As this process has it open. */
  readonly world: World;
  /** The environment of a process that uses the same. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether all others can write. They cannot while a process is stopped in the middle of a write. */
  canWrite(): Promise<boolean>;
}

interface Sharable {
  readonly name: string;
  /** Where there is nothing yet. */
  open(): Promise<SharedData>;
}

const ALL: readonly Sharable[] = [
  { name: "sqlite", open: openDirectory },
  { name: "postgres", open: openSharedSchema },
];

/** The Worlds under test that several processes can share. */
export const SHARED: readonly Sharable[] = ALL.filter(({ name }) => WORLDS.some((world) => world.name === name));

async function openDirectory(): Promise<SharedData> {
  const directory = mkdtempSync(join(tmpdir(), "processes-"));
  const world = await createLocalWorld({ directory });
  return {
    world,
    env: { WORKFLOW_LOCAL_DATA_DIR: directory },
    canWrite: async () => canWrite(join(directory, "workflow.db")),
    async [Symbol.asyncDispose]() {
      await world.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
