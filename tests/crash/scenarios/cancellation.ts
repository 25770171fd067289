import { createHook, sleep } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Cancelled while it waits. */
export async function waiting(): Promise<unknown> {
  "use workflow";
  const hook = createHook<string>({ token: "waiting" });
  await prepare();
  return Promise.race([hook, sleep("1 day")]);
}

/** Cancelled while a step runs, whose result comes later and is not taken. */
export async function working(): Promise<string> {
  "use workflow";
  await prepare();
  return work();
}

async function prepare(): Promise<void> {
  "use step";
  return noted(() => undefined);
}

const isCancelled = Promise.withResolvers<void>();

async function work(): Promise<string> {
  "use step";
  return noted(async () => {
    await isCancelled.promise;
    return "nobody wants this";
  });
}

export const drive: Drive = async (driver) => {
  const first = await driver.start(waiting, []);
  await driver.event(first, "wait_created");
  await driver.cancel(first);
  await driver.end(first);
  await driver.resumeInVain("waiting", "too late");

  const second = await driver.start(working, []);
  await driver.event(second, "step_started", "work");
  await driver.cancel(second);
  await driver.end(second);
  isCancelled.resolve();
};
