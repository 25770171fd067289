import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Payloads that come before their hook: for the first run that claims the token, and what comes later for the next. */
export async function pickUp(count: number): Promise<string[]> {
  "use workflow";
  const picked = [await unlock()];
  const parcels = createHook<string>({ token: "parcels" });
  for await (const parcel of parcels) {
    picked.push(await sign(parcel));
    if (picked.length > count) break;
  }
  return picked;
}

async function unlock(): Promise<string> {
  "use step";
  return noted(() => "unlocked");
}

async function sign(parcel: string): Promise<string> {
  "use step";
  return noted(() => `signed for ${parcel}`);
}

export const drive: Drive = async (driver) => {
  await driver.resumeEarly("parcels", "parcel 1");
  await driver.hold("parcels", "parcel 2");
  await driver.resumeEarly("parcels", "parcel 1");
  const first = await driver.start(pickUp, [3]);
  await driver.event(first, "hook_created");
  await driver.resumeEarly("parcels", "parcel 3");
  await driver.end(first);
  await driver.hold("parcels", "parcel 4");
  const second = await driver.start(pickUp, [1]);
  await driver.end(second);
};
