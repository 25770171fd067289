import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Texts that a World may store apart from their rows, or together. */
const large = (word: string): string => `${word} `.repeat(10_000);

/** Two payloads and what comes of them, each in several places of the history. */
export async function archive(first: string): Promise<string[]> {
  "use workflow";
  const pages = createHook<string>({ token: "pages" });
  const filed = [await file(first)];
  for await (const page of pages) {
    filed.push(await file(page));
    if (filed.length === 3) break;
  }
  return filed;
}

async function file(page: string): Promise<string> {
  "use step";
  return noted(() => `filed ${page}`);
}

export const drive: Drive = async (driver) => {
  const runId = await driver.start(archive, [large("cover")]);
  await driver.resume("pages", large("one"));
  await driver.resume("pages", large("two"));
  await driver.end(runId);
};
