import { createHook, sleep } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Steps that race, a hook that beats a sleep, and a sleep that beats the same hook. */
export async function contest(): Promise<unknown[]> {
  "use workflow";
  const slow = tortoise();
  const winner = await Promise.race([slow, hare()]);
  const loser = await slow;
  const hook = createHook<string>({ token: "race" });
  const answered = await Promise.race([hook, sleep("1 day")]);
  const silent = await Promise.race([hook, sleep(30)]);
  await finish();
  return [winner, loser, answered, silent, await hook];
}

async function hare(): Promise<string> {
  "use step";
  return noted(() => "hare");
}

const hareIsHome = Promise.withResolvers<void>();

async function tortoise(): Promise<string> {
  "use step";
  return noted(async () => {
    await hareIsHome.promise;
    return "tortoise";
  });
}

async function finish(): Promise<void> {
  "use step";
  return noted(() => undefined);
}

export const drive: Drive = async (driver) => {
  const runId = await driver.start(contest, []);
  await driver.event(runId, "step_completed", "hare");
  hareIsHome.resolve();
  await driver.resume("race", "in time");
  await driver.event(runId, "step_completed", "finish");
  await driver.resume("race", "too late for the race");
  await driver.end(runId);
};
