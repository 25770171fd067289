import { setTimeout as delay } from "node:timers/promises";
import type { Drive } from "../driver.ts";
import { note } from "../evidence.ts";
import { noted } from "../noted.ts";

/** A step that kills its process every time, beside steps of the same run that are innocent and take longer. */
export async function poisoned(): Promise<string[]> {
  "use workflow";
  const answers = await Promise.all([swallow().catch(() => "given up"), innocent("left"), innocent("right")]);
  return [...answers, await innocent("after")];
}

/** Another run that is under way at every death. */
export async function neighbour(): Promise<string[]> {
  "use workflow";
  return [await innocent("next door"), await innocent("next door, later")];
}

async function swallow(): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(50);
    note({ event: "kill", pid: process.pid, why: "poison" });
    process.kill(process.pid, "SIGKILL");
    return "survived";
  });
}
swallow.maxRetries = 3;

async function innocent(where: string): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(300);
    return `well, ${where}`;
  });
}

export const drive: Drive = async (driver) => {
  const next = await driver.start(neighbour, []);
  await driver.event(next, "step_started", "innocent");
  const run = await driver.start(poisoned, []);
  await driver.end(run);
  await driver.end(next);
};
