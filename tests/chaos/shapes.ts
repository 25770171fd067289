import { setTimeout as delay } from "node:timers/promises";
import { createHook, getStepMetadata, getWritable, RetryableError, sleep } from "workflow";
import { resumeHook, start } from "workflow/api";
import { note } from "../crash/evidence.ts";
import { noted } from "../crash/noted.ts";
import { CHUNKS, END, FAN, STEPS, WORDS } from "./plan.ts";

/** The runs of the chaos. What each comes to depends on its name alone, or on what was sent to it. */

export async function sequence(name: string): Promise<string> {
  "use workflow";
  const found: string[] = [];
  for (let n = 1; n <= STEPS; n += 1) {
    found.push(await stamp(`${n} of ${name}`, 10 * n));
    await sleep(30 * n);
  }
  return found.join(", ");
}

/** Takes words until there are enough of them, each with a step that follows it. */
export async function words(name: string): Promise<string> {
  "use workflow";
  const found: string[] = [];
  for await (const word of createHook<string>({ token: name })) {
    found.push(await stamp(word, 10));
    if (found.length === WORDS) break;
  }
  return found.join(", ");
}

/** Takes whatever comes until it is told to end. */
export async function doubts(name: string): Promise<string> {
  "use workflow";
  const found: string[] = [];
  for await (const word of createHook<string>({ token: name })) {
    if (word === END + name) break;
    found.push(word);
  }
  return found.join(", ");
}

/** A step of the run resumes its own hook. */
export async function echo(name: string): Promise<string> {
  "use workflow";
  const hook = createHook<string>({ token: name });
  await sleep(20);
  const [word] = await Promise.all([hook, call(name)]);
  return stamp(word, 10);
}

export async function fan(name: string): Promise<string> {
  "use workflow";
  const names = Array.from({ length: FAN }, (_, n) => `${n} of ${name}`);
  return (await Promise.all(names.map((own, n) => stamp(own, 5 * n)))).join(", ");
}

export async function stubborn(name: string): Promise<string> {
  "use workflow";
  return insist(name);
}

export async function tale(name: string): Promise<string> {
  "use workflow";
  await tell();
  await sleep(20);
  await Promise.all([tell(), tell()]);
  return stamp(name, 10);
}

export async function parent(name: string): Promise<string> {
  "use workflow";
  const runs = await Promise.all([start(child, [`left of ${name}`]), start(child, [`right of ${name}`])]);
  const ends = await Promise.all(runs.map((run) => run.returnValue));
  return ends.join(", ");
}

async function child(name: string): Promise<string> {
  "use workflow";
  await sleep(10);
  return stamp(name, 20);
}

/** Is cancelled while it waits. */
export async function doomed(name: string): Promise<string> {
  "use workflow";
  const hook = createHook<string>({ token: name });
  await stamp(name, 5);
  return hook;
}

/** How often a process may die with it: far more often than it does. */
const MOST_DEATHS = 50;

async function stamp(name: string, ms: number): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(ms);
    return `${name}!`;
  });
}
stamp.maxRetries = MOST_DEATHS;

async function insist(name: string): Promise<string> {
  "use step";
  return noted(async () => {
    await delay(10);
    if (getStepMetadata().attempt < 3) throw new RetryableError("not yet", { retryAfter: 30 });
    return `${name}!`;
  });
}
insist.maxRetries = MOST_DEATHS;

async function call(name: string): Promise<void> {
  "use step";
  return noted(async () => {
    const about = { call: "resume", token: name, payload: `word of ${name}`, pid: process.pid } as const;
    note({ event: "ask", ...about });
    await resumeHook(name, about.payload, { idempotencyKey: about.payload });
    note({ event: "ack", ...about });
  });
}
call.maxRetries = MOST_DEATHS;

async function tell(): Promise<void> {
  "use step";
  const { stepId, attempt } = getStepMetadata();
  return noted(async () => {
    const writer = getWritable<string>().getWriter();
    for (let n = 0; n < CHUNKS; n += 1) {
      await writer.write(`${stepId} ${attempt} ${n}`);
      await delay(5);
    }
    writer.releaseLock();
  });
}
tell.maxRetries = MOST_DEATHS;
