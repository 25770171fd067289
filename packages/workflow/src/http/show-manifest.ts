import { currentDeployment } from "../worker/deployment.ts";
import { notFound } from "./error-response.ts";

/** The workflows and steps that were built, for whoever asks; only where that was allowed (contract 08 section 8.3). */
export function showManifest(): Response {
  const manifest = process.env["WORKFLOW_PUBLIC_MANIFEST"] === "1" ? currentDeployment()?.manifest : undefined;
  return manifest === undefined ? notFound() : Response.json(manifest);
}
