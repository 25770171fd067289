import { cancellable, createHook, sleep } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Cancelled while it waits for three things at once; what it has done is undone before it ends. */
export async function trip(): Promise<void> {
  "use workflow";
  cancellable({ cleanup: "1h" });
  const hook = createHook<string>({ token: "trip" });
  const booked = [await book("flight"), await book("hotel")];
  try {
    await Promise.race([hook, sleep("1 day")]);
  } finally {
    for (const one of booked) {
      await sleep(10);
      await undo(one);
    }
  }
}

async function book(what: string): Promise<string> {
  "use step";
  return noted(() => what);
}

async function undo(what: string): Promise<string> {
  "use step";
  return noted(() => `no ${what}`);
}

export const drive: Drive = async (driver) => {
  const run = await driver.start(trip, []);
  await driver.event(run, "wait_created");
  await driver.cancel(run);
  await driver.end(run);
  await driver.resumeInVain("trip", "too late");
};
