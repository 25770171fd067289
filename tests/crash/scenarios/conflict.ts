import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Three runs want one token: the first has it, the second is told so, and the third gets it when the first has ended. */
export async function enter(name: string, holder: string): Promise<string[]> {
  "use workflow";
  const door = createHook<string>({ token: "door" });
  const before = await greet(name);
  const owner = await door.getConflict();
  if (owner !== null) return [before, owner.runId === holder ? "taken" : "taken by a stranger", await greet("nobody")];
  return [before, await door, await greet(`${name} again`)];
}

async function greet(name: string): Promise<string> {
  "use step";
  return noted(() => `hello ${name}`);
}

export const drive: Drive = async (driver) => {
  const ada = await driver.start(enter, ["ada", ""]);
  await driver.event(ada, "hook_created");
  const bob = await driver.start(enter, ["bob", ada]);
  await driver.end(bob);
  await driver.resume("door", "key for ada");
  await driver.end(ada);
  const cleo = await driver.start(enter, ["cleo", ""]);
  await driver.resume("door", "key for cleo");
  await driver.end(cleo);
};
