import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { environmentIn, type Place } from "./place.ts";

export interface HistoryEvent {
  readonly eventType: string;
  readonly correlationId?: string;
}

interface InspectedRun {
  readonly steps: readonly { readonly stepName: string; readonly status: string }[];
}

/** Looks at a run in the data of the app, and so without a request to it. */
async function inspectRun(place: Place, runId: string): Promise<InspectedRun> {
  return JSON.parse(await workflow(place, ["inspect", "run", runId])) as InspectedRun;
}

/** The charge of an order, once it has a result. */
export async function resultOfCharge(place: Place, runId: string): Promise<object | undefined> {
  const { steps } = await inspectRun(place, runId);
  return steps.find(({ stepName, status }) => stepName.endsWith("//charge") && status === "completed");
}

/** The history of a run, oldest first. */
export async function inspectEvents(place: Place, runId: string): Promise<readonly HistoryEvent[]> {
  const text = await workflow(place, ["inspect", "events", runId, "--sort", "asc", "--limit", "100"]);
  return (JSON.parse(text) as { readonly data: readonly HistoryEvent[] }).data;
}

/** The program that the package has installed there. */
async function workflow(place: Place, args: readonly string[]): Promise<string> {
  const program = join(place.app, "node_modules/workflow/bin/workflow.js");
  const options = { cwd: place.app, env: environmentIn(place) };
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args, "--json"], options);
  return stdout;
}
