import { inject } from "vitest";
import { urlOfSharedServer } from "./shared-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where tests ask for the server that they share. Absent: they have been given one in the environment. */
    readonly postgresPort: number;
  }
}

/** The server that tests share: the one that the environment names, or else one that is started for whoever asks first. */
export async function serverUrl(): Promise<string> {
  return process.env["WORKFLOW_TEST_POSTGRES_URL"] ?? (await urlOfSharedServer(inject("postgresPort")));
}
