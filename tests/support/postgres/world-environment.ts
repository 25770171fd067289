import { onTestFinished } from "vitest";
import { freshSchema } from "./fresh-schema.ts";
import { type Variables, worldVariables } from "./world-variables.ts";

/** What makes processes use the PostgreSQL World, in a schema that goes with the test. */
export async function worldEnvironment(): Promise<Variables> {
  const { [Symbol.asyncDispose]: drop, ...place } = await freshSchema();
  onTestFinished(drop);
  return worldVariables(place);
}
