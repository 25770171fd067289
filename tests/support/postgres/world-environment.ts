import { onTestFinished } from "vitest";
import { freshSchema } from "./fresh-schema.ts";

/** What makes processes use the PostgreSQL World, in a schema that goes with the test. */
export async function worldEnvironment(): Promise<Readonly<Record<EnvironmentName, string>>> {
  const { url, schema, [Symbol.asyncDispose]: drop } = await freshSchema();
  onTestFinished(drop);
  return {
    WORKFLOW_TARGET_WORLD: "@workflow/world-postgres",
    WORKFLOW_POSTGRES_URL: url,
    WORKFLOW_POSTGRES_SCHEMA: schema,
  };
}

type EnvironmentName = "WORKFLOW_TARGET_WORLD" | "WORKFLOW_POSTGRES_URL" | "WORKFLOW_POSTGRES_SCHEMA";
