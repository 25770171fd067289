import { start } from "workflow/api";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Starts runs one after the other, and waits for both at once; one of them fails. */
export async function parent(): Promise<string[]> {
  "use workflow";
  const first = await start(child, ["first"]);
  const second = await start(child, ["second"]);
  const ends = await Promise.all([first.returnValue, second.returnValue.catch((error: Error) => error.name)]);
  return [...ends, await stamp("parent")];
}

export async function child(name: string): Promise<string> {
  "use workflow";
  const stamped = await stamp(name);
  if (name === "second") throw new Error("the second child fails");
  return stamped;
}

async function stamp(name: string): Promise<string> {
  "use step";
  return noted(() => `${name} stamped`);
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(parent, []));
};
