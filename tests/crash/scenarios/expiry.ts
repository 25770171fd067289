import { createHook } from "workflow";
import { HookExpiredError } from "workflow/errors";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** A hook that is answered in time, and two that are not; another run gets the token of one of them. */
export async function offer(): Promise<string[]> {
  "use workflow";
  const firm = createHook<string>({ token: "firm", expiresIn: "1 day" });
  const said = [await write(await firm)];
  for (const token of ["brief", "briefer"]) {
    const hook = createHook<string>({ token, expiresIn: 30 });
    try {
      said.push(await hook);
    } catch (error) {
      if (!HookExpiredError.is(error)) throw error;
      said.push(await write(`nothing for ${token}`));
    }
  }
  return [...said, await close(), await firm];
}

export async function successor(): Promise<string> {
  "use workflow";
  return write(await createHook<string>({ token: "brief" }));
}

async function write(text: string): Promise<string> {
  "use step";
  return noted(() => `wrote ${text}`);
}

async function close(): Promise<string> {
  "use step";
  return noted(() => "closed");
}

export const drive: Drive = async (driver) => {
  const first = await driver.start(offer, []);
  await driver.resume("firm", "yes");
  await driver.event(first, "hook_disposed");
  const next = await driver.start(successor, []);
  await driver.resume("brief", "for the successor");
  await driver.end(next);
  await driver.event(first, "step_completed", "close");
  await driver.resumeInVain("briefer", "too late");
  await driver.resume("firm", "yes again");
  await driver.end(first);
};
