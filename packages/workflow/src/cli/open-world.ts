import { createWorld, setWorld } from "../api/world-access.ts";
import { isEmbeddedWorld } from "../api/world-module.ts";
import { findData } from "../local/find-data.ts";
import { WorkflowWorldError } from "../world/errors.ts";
import type { World } from "../world/world.ts";

/**
 * The World of this process, until `use` has finished. It is not made where there is no data yet: that would be the
 * wrong place. Nor is its data brought up to date: the processes of the app decide when that is due.
 * @throws `WorkflowWorldError` `WORLD_FAILED` where there is no data.
 */
export async function withWorld<T>(use: (world: World) => Promise<T>): Promise<T> {
  if (isEmbeddedWorld()) requireData();
  const world = await createWorld({ migrate: false });
  setWorld(world);
  try {
    return await use(world);
  } finally {
    await world.close();
  }
}

function requireData(): void {
  const { directory, exists } = findData();
  if (exists) return;
  throw new WorkflowWorldError(
    "WORLD_FAILED",
    `There is no workflow data in ${directory}. ` +
      "Set WORKFLOW_LOCAL_DATA_DIR to the data directory of the app, or change to the directory that the app runs in",
  );
}
