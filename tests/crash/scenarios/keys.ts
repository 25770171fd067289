import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** A keyed start, and payloads with keys that are sent twice in each telling, and again in every telling. */
export async function ledger(): Promise<string[]> {
  "use workflow";
  const booked: string[] = [];
  const entries = createHook<string>({ token: "entries" });
  for await (const entry of entries) {
    booked.push(await book(entry));
    if (booked.length === 3) break;
  }
  entries.dispose();
  booked.push(await book("the balance"));
  return booked;
}

async function book(entry: string): Promise<string> {
  "use step";
  return noted(() => `booked ${entry}`);
}

export const drive: Drive = async (driver) => {
  const runId = await driver.startOnce(ledger, [], "the ledger");
  for (const entry of ["entry 1", "entry 2"]) await driver.resumeOnce("entries", entry);
  await driver.resumeOnce("entries", "entry 1");
  await driver.resumeOnce("entries", "entry 3");
  await driver.end(runId);
  await driver.resumeOnce("entries", "entry 3");
  await driver.startOnce(ledger, [], "the ledger");
};
