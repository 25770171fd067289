import type { Bridge } from "./bridge.ts";

/** Where the deployment is reached, as its environment says. */
export function baseUrl(bridge: Bridge): string {
  const env = JSON.parse(bridge.env()) as Record<string, string>;
  return env["WORKFLOW_LOCAL_BASE_URL"] ?? `http://localhost:${env["PORT"] ?? "3000"}`;
}
