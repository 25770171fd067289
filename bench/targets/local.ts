import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { measureSqliteFloors } from "./sqlite-floors.ts";
import type { Target } from "./target.ts";

/** The embedded World. `directory`: on the disk that is meant. */
export async function openLocalTarget(directory: string): Promise<Target> {
  await mkdir(directory, { recursive: true });
  return {
    world: "local",
    description: "embedded",
    floors: { commit: "one-row SQLite commit", least: "append and fdatasync" },
    async openPlace() {
      const own = await mkdtemp(`${directory}/`);
      return {
        env: (name) => ({ WORKFLOW_LOCAL_DATA_DIR: `${own}/${name}` }),
        settle: () => Promise.resolve(),
        measureFloors: async () => measureSqliteFloors(own),
        [Symbol.asyncDispose]: () => rm(own, { recursive: true }),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
