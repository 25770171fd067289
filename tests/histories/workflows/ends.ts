import { createHook, sleep } from "workflow";

export async function fails(): Promise<never> {
  "use workflow";
  await quick();
  throw Object.assign(new RangeError("out of stock", { cause: new Map([["left", 0]]) }), { code: "STOCK" });
}

export async function throwsText(): Promise<never> {
  "use workflow";
  await sleep(1);
  throw "just text"; // oxlint-disable-line no-throw-literal
}

/** Ends while a step, a sleep and a hook are open. */
export async function early(token: string): Promise<string> {
  "use workflow";
  createHook({ token });
  void sleep("1 day");
  void slow(500);
  return Promise.race([quick(), slow(1_000)]);
}

/** Waits until it is cancelled. */
export async function endless(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token });
  return [await hook, await Promise.all([hook, sleep("1 day"), slow(300)])];
}

/** One payload, then another; the recorder stops in between. */
export async function parked(token: string): Promise<unknown[]> {
  "use workflow";
  const hook = createHook({ token });
  const first = await hook;
  await quick();
  const second = await hook;
  return [first, second, await quick()];
}

async function quick(): Promise<string> {
  "use step";
  return "quick";
}

async function slow(ms: number): Promise<string> {
  "use step";
  await new Promise((resolve) => setTimeout(resolve, ms));
  return "slow";
}
