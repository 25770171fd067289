// node --import workflow/register tests/chaos/caller.ts <place among the callers> <callers> <runs of all> <seconds>
import { setTimeout as delay } from "node:timers/promises";
import { getHookByToken, getRun, resumeHook, start } from "workflow/api";
import { HookNotFoundError, WorkflowRunCancelledError } from "workflow/errors";
import { getWorld } from "workflow/runtime";
import { note } from "../crash/evidence.ts";
import { insist, mayPass } from "./insist.ts";
import { END, expected, planned, type Planned, wordsFor } from "./plan.ts";
import * as shapes from "./shapes.ts";

/** A process without a worker: starts its share of the runs over some time, and says and hears what they need. */

const BETWEEN_LOOKS_MS = 40;
const BETWEEN_WORDS_MS = 60;
/** More do not go on at a time: then what a slow machine takes longer for is the chaos, and not the end of it. */
const MOST_AT_ONCE = 60;
const { pid } = process;
const [place = 0, callers = 1, runs = 0, seconds = 0] = process.argv.slice(2).map(Number);

async function begin({ name, shape }: Planned): Promise<string> {
  note({ event: "ask", call: "start", pid });
  // oxlint-disable-next-line import/namespace -- by name, as the plan says
  const { runId } = await insist(() => start(shapes[shape], [name], { idempotencyKey: name }));
  note({ event: "ack", call: "start", runId, pid });
  return runId;
}

async function untilWaiting(token: string): Promise<void> {
  for (;;) {
    try {
      await insist(() => getHookByToken(token));
      return;
    } catch (error) {
      if (!HookNotFoundError.is(error)) throw error;
      await delay(BETWEEN_LOOKS_MS);
    }
  }
}

async function say(token: string, payload: string): Promise<void> {
  const about = { call: "resume", token, payload, pid } as const;
  note({ event: "ask", ...about });
  await insist(() => resumeHook(token, payload, { idempotencyKey: payload, hold: "10m" }));
  note({ event: "ack", ...about });
  await delay(BETWEEN_WORDS_MS);
}

/** Says each word once, without a key. Comes to the words that were taken for certain. */
async function sayOnce(token: string): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  await untilWaiting(token);
  for (const payload of wordsFor(token)) {
    const about = { call: "resume", token, payload, pid } as const;
    note({ event: "ask", ...about });
    try {
      await resumeHook(token, payload);
      note({ event: "ack", ...about });
      taken.add(payload);
    } catch (error) {
      if (!mayPass(error)) throw error;
    }
    await delay(BETWEEN_WORDS_MS);
  }
  await say(token, END + token);
  return taken;
}

async function cancel(runId: string, token: string): Promise<void> {
  await untilWaiting(token);
  note({ event: "ask", call: "cancel", runId, pid });
  await insist(() => getRun(runId).cancel());
  note({ event: "ack", call: "cancel", runId, pid });
}

async function readAll(runId: string): Promise<void> {
  const chunks: string[] = [];
  await insist(async () => {
    for await (const chunk of getRun(runId).getReadable<string>({ startIndex: chunks.length })) chunks.push(chunk);
  });
  note({ event: "read", runId, chunks, pid });
}

async function tell(run: Planned): Promise<void> {
  const { name, shape } = run;
  const runId = await begin(run);
  if (shape === "words") for (const word of wordsFor(name)) await say(name, word);
  const taken = shape === "doubts" ? await sayOnce(name) : undefined;
  if (shape === "doomed") await cancel(runId, name);
  if (shape === "tale") await readAll(runId);
  const result = await insist(() => getRun<string>(runId).returnValue).catch((error: unknown) => {
    if (shape === "doomed" && WorkflowRunCancelledError.is(error)) return undefined;
    throw error;
  });
  const missed = [...(taken ?? [])].filter((word) => result?.split(", ").includes(word) !== true);
  if (missed.length > 0) throw new Error(`came to ${result}, without ${missed.join(", ")}`);
  if (taken === undefined && result !== expected(run)) throw new Error(`came to ${result}, not ${expected(run)}`);
}

const begun = performance.now();
const tales = new Set<Promise<void>>();
for (let index = place; index < runs; index += callers) {
  while (tales.size >= MOST_AT_ONCE) await Promise.race(tales);
  await delay(Math.max(begun + (index / runs) * seconds * 1000 - performance.now(), 0));
  const run = planned(index);
  const told = tell(run)
    .catch((error: unknown) => {
      console.error(`${run.name}: ${String(error)}`);
      process.exitCode = 1;
    })
    .finally(() => tales.delete(told));
  tales.add(told);
}
console.log("all started");
await Promise.all(tales);
await (await getWorld()).close();
