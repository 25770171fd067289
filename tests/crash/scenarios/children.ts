import { sleep } from "workflow";
import { start } from "workflow/api";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Starts runs one after the other, and waits for both at once; one of them is cancelled by it. */
export async function parent(): Promise<string[]> {
  "use workflow";
  const first = await start(child, ["first"]);
  const second = await start(child, ["second"]);
  await second.cancel({ cancelReason: "one is enough" });
  const ends = await Promise.all([first.returnValue, second.returnValue.catch((error: Error) => error.name)]);
  return [...ends, await stamp("parent")];
}

export async function child(name: string): Promise<string> {
  "use workflow";
  if (name === "second") await sleep("1 day");
  return stamp(name);
}

async function stamp(name: string): Promise<string> {
  "use step";
  return noted(() => `${name} stamped`);
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(parent, []));
};
