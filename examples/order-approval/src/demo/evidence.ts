import { readFile } from "node:fs/promises";
import type { Event, Run } from "workflow/api";
import { getWorld } from "workflow/runtime";
import { type StepLogLine, stepLogIn } from "../step-log.ts";

/** The history of a run, oldest first, as any process can read it that has the data directory. */
export async function eventsOf(runId: Run["runId"]): Promise<readonly Event[]> {
  const world = await getWorld();
  const { data } = await world.events.list({ runId, pagination: { limit: 1000 } });
  return data;
}

/** Every execution of a step body, in order. The bodies themselves wrote it down. */
export async function stepBodies(dataDirectory: string): Promise<readonly StepLogLine[]> {
  const text = await readFile(stepLogIn(dataDirectory), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as StepLogLine);
}

/** `step//./src/order//shipOrder` is `shipOrder` to people. */
export function shortName(name: unknown): string {
  return String(name).split("//").at(-1) ?? "";
}
