import { createHook } from "workflow";
import type { StartWorkerOptions } from "workflow/runtime";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Of three runs that wait, two are given back and leased again when their payload comes. */
export const workerOptions: StartWorkerOptions = { liveRuns: 1 };

export async function guest(name: string): Promise<string[]> {
  "use workflow";
  const bell = createHook<string>({ token: `bell of ${name}` });
  const welcome = await serve(name, "welcome");
  return [welcome, await serve(name, await bell)];
}

async function serve(name: string, what: string): Promise<string> {
  "use step";
  return noted(() => `${what} for ${name}`);
}

export const drive: Drive = async (driver) => {
  const names = ["ada", "bob", "cleo"];
  const runs: string[] = [];
  for (const name of names) {
    const runId = await driver.start(guest, [name]);
    await driver.event(runId, "step_completed");
    runs.push(runId);
  }
  for (const name of names) await driver.resume(`bell of ${name}`, `tea of ${name}`);
  for (const runId of runs) await driver.end(runId);
};
