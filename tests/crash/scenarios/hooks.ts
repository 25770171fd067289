import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

const READINGS = ["reading 1", "reading 2", "reading 3", "reading 4", "reading 5"] as const;

/** Five payloads, each followed by a step; a second hook that has its payload before anyone awaits it. */
export async function meter(): Promise<string[]> {
  "use workflow";
  const seen: string[] = [];
  const readings = createHook<string>({ token: "readings" });
  const bill = createHook<string>({ token: "bill" });
  for await (const reading of readings) {
    seen.push(await record(reading));
    if (seen.length === 5) break;
  }
  readings.dispose();
  await record("the end of the readings");
  seen.push(await bill);
  return seen;
}

async function record(reading: string): Promise<string> {
  "use step";
  return noted(() => `recorded ${reading}`);
}

export const drive: Drive = async (driver) => {
  const runId = await driver.start(meter, []);
  await driver.resume("bill", "paid early");
  for (const reading of READINGS) await driver.resume("readings", reading);
  await driver.event(runId, "hook_disposed");
  await driver.resumeInVain("readings", "reading 6");
  await driver.end(runId);
  await driver.resumeInVain("bill", "paid twice");
};
