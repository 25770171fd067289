import { sleep } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** Sleeps before, between and beside steps. */
export async function drowsy(): Promise<string[]> {
  "use workflow";
  await sleep(20);
  const first = await ring("first");
  await sleep("30ms");
  const [second] = await Promise.all([ring("second"), sleep(20), sleep(40)]);
  await sleep(new Date(Date.now() + 20));
  return [first, second, await ring("third")];
}

async function ring(bell: string): Promise<string> {
  "use step";
  return noted(() => `${bell} bell`);
}

export const drive: Drive = async (driver) => {
  await driver.end(await driver.start(drowsy, []));
};
