import type { RunContext } from "./context.ts";

/** Where the deployment that began the run is reached: the same on every replay, whatever its environment says then. */
export function baseUrl({ baseUrl: recorded, bridge }: RunContext): string {
  if (recorded !== undefined) return recorded;
  const env = JSON.parse(bridge.env()) as Record<string, string>;
  return env["WORKFLOW_LOCAL_BASE_URL"] ?? `http://localhost:${env["PORT"] ?? "3000"}`;
}
