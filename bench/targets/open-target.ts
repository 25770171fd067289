import type { WorldName } from "../workloads.ts";
import { openLocalTarget } from "./local.ts";
import { openPostgresTarget } from "./postgres.ts";
import type { Target } from "./target.ts";

export function openTarget(world: WorldName, directory: string): Promise<Target> {
  switch (world) {
    case "local":
      return openLocalTarget(directory);
    case "postgres":
      return openPostgresTarget();
  }
}
