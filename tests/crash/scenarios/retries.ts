import { FatalError, getStepMetadata, RetryableError } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** A step that fails twice, one that says when to try again, and one that fails for good. */
export async function stubborn(): Promise<string[]> {
  "use workflow";
  const answers = [await failTwice(), await comeBackLater()];
  try {
    answers.push(await giveUp());
  } catch (error) {
    answers.push(String(error));
  }
  return answers;
}

async function failTwice(): Promise<string> {
  "use step";
  return noted(() => {
    if (getStepMetadata().attempt < 3) throw new Error("not yet");
    return "at last";
  });
}

async function comeBackLater(): Promise<string> {
  "use step";
  return noted(() => {
    if (getStepMetadata().attempt === 1) throw new RetryableError("busy", { retryAfter: 30 });
    return "again";
  });
}

async function giveUp(): Promise<string> {
  "use step";
  return noted(() => {
    throw new FatalError("never");
  });
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(stubborn, []));
};
