import { setTimeout as delay } from "node:timers/promises";
import { createHook, sleep } from "workflow";
import { noted } from "../noted.ts";

/** How many words each run takes. */
export const WORDS = 3;

/** Takes words one by one, each with a step that follows it; then rests a little, and ends with two steps at once. */
export async function tally(name: string): Promise<string> {
  "use workflow";
  const words: string[] = [];
  const hook = createHook<string>({ token: name });
  await open(name);
  for await (const word of hook) {
    words.push(await stamp(word));
    if (words.length === WORDS) break;
  }
  await sleep(20);
  const seals = await Promise.all([seal(name, "left"), seal(name, "right")]);
  return [...words, ...seals].join(", ");
}

/** What a run must come to. */
export function expectedTally(name: string, words: readonly string[]): string {
  return [...words.map((word) => `${word}!`), `left of ${name}`, `right of ${name}`].join(", ");
}

async function open(name: string): Promise<void> {
  "use step";
  return noted(() => delay(name.length));
}
open.maxRetries = 50;

async function stamp(word: string): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(20);
    return `${word}!`;
  });
}
stamp.maxRetries = 50;

async function seal(name: string, side: string): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(10);
    return `${side} of ${name}`;
  });
}
seal.maxRetries = 50;
