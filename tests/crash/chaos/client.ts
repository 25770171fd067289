// node --import workflow/register tests/crash/chaos/client.ts <seconds>
import { setTimeout as delay } from "node:timers/promises";
import { getHookByToken, resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { getWorld } from "workflow/runtime";
import { note } from "../evidence.ts";
import { expectedTally, tally, WORDS } from "./tally.ts";

/** A process without a worker: starts runs for some time, resumes their hooks, and waits for their results. */

const BETWEEN_RUNS_MS = 80;
const BETWEEN_WORDS_MS = 100;
const BETWEEN_LOOKS_MS = 50;
const { pid } = process;

async function tellOne(name: string): Promise<void> {
  note({ event: "ask", call: "start", pid });
  const run = await start(tally, [name]);
  note({ event: "ack", call: "start", runId: run.runId, pid });
  while (!(await isWaiting(name))) await delay(BETWEEN_LOOKS_MS);
  const words = Array.from({ length: WORDS }, (_, index) => `word ${index + 1} of ${name}`);
  for (const payload of words) {
    note({ event: "ask", call: "resume", token: name, payload, pid });
    await resumeHook(name, payload);
    note({ event: "ack", call: "resume", token: name, payload, pid });
    await delay(BETWEEN_WORDS_MS);
  }
  const result = await run.returnValue;
  if (result !== expectedTally(name, words)) throw new Error(`${name} (${run.runId}) came to: ${result}`);
}

async function isWaiting(token: string): Promise<boolean> {
  try {
    await getHookByToken(token);
    return true;
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    return false;
  }
}

const tales: Promise<void>[] = [];
const stopAt = performance.now() + Number(process.argv[2]) * 1000;
while (performance.now() < stopAt) {
  tales.push(tellOne(`tally ${tales.length + 1}`));
  await delay(BETWEEN_RUNS_MS);
}
await Promise.all(tales);
await (await getWorld()).close();
