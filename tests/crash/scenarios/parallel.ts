import { setTimeout as delay } from "node:timers/promises";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Four steps at once that end at different times, and one after them. */
export async function crew(): Promise<string> {
  "use workflow";
  const parts = await Promise.all([paint("north", 30), paint("east", 0), paint("south", 20), paint("west", 10)]);
  return inspect(parts.join(", "));
}

async function paint(wall: string, ms: number): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(ms);
    return `${wall} painted`;
  });
}

async function inspect(walls: string): Promise<string> {
  "use step";
  return noted(() => `${walls}: fine`);
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(crew, []));
};
