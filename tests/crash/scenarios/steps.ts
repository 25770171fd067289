import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Three steps, one after the other. */
export async function order(item: string): Promise<string> {
  "use workflow";
  const reserved = await reserve(item);
  const charged = await charge(reserved);
  return ship(charged);
}

async function reserve(item: string): Promise<string> {
  "use step";
  return noted(() => `${item} reserved`);
}

async function charge(item: string): Promise<string> {
  "use step";
  return noted(() => `${item}, charged`);
}

async function ship(item: string): Promise<string> {
  "use step";
  return noted(() => `${item}, shipped`);
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(order, ["lamp"]));
};
