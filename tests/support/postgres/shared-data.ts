import { createWorld } from "@workflow/world-postgres";
import { Client } from "pg";
import type { SharedData } from "../shared-data.ts";
import { freshSchema } from "./fresh-schema.ts";

const UNDER_WAY = `
  SELECT count(*)::integer AS found FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND state <> 'idle' AND position($1 in query) > 0`;

/** A schema of its own, which goes at the end. */
export async function openSharedSchema(): Promise<SharedData> {
  const { url, schema, ...fresh } = await freshSchema();
  const world = await createWorld({ connectionString: url, schema });
  const observer = new Client({ connectionString: url });
  await observer.connect();
  return {
    world,
    env: {
      WORKFLOW_TARGET_WORLD: "@workflow/world-postgres",
      WORKFLOW_POSTGRES_URL: url,
      WORKFLOW_POSTGRES_SCHEMA: schema,
    },
    // A process that was stopped between two statements of a transaction keeps its locks.
    canWrite: async () => (await observer.query<{ found: number }>(UNDER_WAY, [schema])).rows[0]?.found === 0,
    async [Symbol.asyncDispose]() {
      await world.close();
      await observer.end();
      await fresh[Symbol.asyncDispose]();
    },
  };
}
