import type { TestProject } from "vitest/node";
import type { Origin } from "./binaries.ts";
import { startServer } from "./server.ts";
import { shareServer } from "./shared-server.ts";

/** One server for the whole test command, if a test wants one, unless the environment names one. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { WORKFLOW_TEST_POSTGRES_URL: given, WORKFLOW_TEST_POSTGRES: wanted } = process.env;
  if (given !== undefined) return undefined;
  const shared = await shareServer(() => startServer({ origin: originNamed(wanted) }));
  project.provide("postgresPort", shared.port);
  return async () => {
    await shared[Symbol.asyncDispose]();
  };
}

function originNamed(name: string | undefined): Origin | undefined {
  if (name === undefined || name === "installed" || name === "embedded") return name;
  throw new Error(`WORKFLOW_TEST_POSTGRES is "${name}": set it to "installed" or "embedded"`);
}
