import { createWorld } from "@workflow/world-postgres";
import type { Clock, World } from "workflow/world";
import { takeSchema } from "./emptied-schemas.ts";

/** An empty World on the server that tests share. What is in it goes when it is closed. */
export async function openPostgresWorld(clock?: Clock): Promise<World> {
  const { url, schema, giveBack } = await takeSchema();
  const world = await createWorld({ connectionString: url, schema, ...(clock !== undefined && { clock }) });
  const close = world.close.bind(world);
  let closing: Promise<void> | undefined;
  return Object.assign(world, {
    close: () => (closing ??= close().then(giveBack)),
  });
}
