import { inject } from "vitest";
import { urlOfSharedServer } from "./shared-server.ts";

/** The server that tests share: the one that the environment names, or else one that is started for whoever asks first. */
export async function serverUrl(): Promise<string> {
  return process.env["WORKFLOW_TEST_POSTGRES_URL"] ?? (await urlOfSharedServer(inject("postgresPort")));
}
