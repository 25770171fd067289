import { setTimeout as delay } from "node:timers/promises";
import { createHook, createWebhook, getWritable } from "workflow";
import { start } from "workflow/api";
import { machineTime } from "./clock.ts";
import { signals } from "./signals.ts";

export async function sequence(steps: number): Promise<void> {
  "use workflow";
  for (let step = 0; step < steps; step += 1) await nothing();
}

export async function paced(steps: number, milliseconds: number): Promise<void> {
  "use workflow";
  for (let step = 0; step < steps; step += 1) await pause(milliseconds);
}

/** Starts runs of one step at once, and awaits them all. */
export async function family(children: number): Promise<number> {
  "use workflow";
  const runs = await Promise.all(Array.from({ length: children }, () => start(sequence, [1])));
  const ends = await Promise.all(runs.map((run) => run.returnValue));
  return ends.length;
}

export async function fanOut(steps: number): Promise<void> {
  "use workflow";
  await Promise.all(Array.from({ length: steps }, () => nothing()));
}

export async function waitThenStep(token: string): Promise<void> {
  "use workflow";
  await createHook({ token });
  await afterResume();
}

/** Ends with its first payload. */
export async function takeOne(token: string): Promise<void> {
  "use workflow";
  await createHook({ token });
}

/** Steps first, then one for each payload, for ever. */
export async function stepsThenHook(steps: number, token: string): Promise<void> {
  "use workflow";
  for (let step = 0; step < steps; step += 1) await nothing();
  for await (const _ of createHook({ token })) await afterResume();
}

export async function consume(token: string, payloads: number): Promise<void> {
  "use workflow";
  let left = payloads;
  for await (const _ of createHook({ token })) {
    left -= 1;
    if (left === 0) return;
  }
}

export async function takeRequests(requests: number): Promise<void> {
  "use workflow";
  const webhook = createWebhook();
  await tellUrl(webhook.url);
  let left = requests;
  for await (const _ of webhook) {
    left -= 1;
    if (left === 0) return;
  }
}

export async function carry(value: string): Promise<string> {
  "use workflow";
  return same(value);
}

export async function tell(chunks: number, bytes: number): Promise<void> {
  "use workflow";
  await writeChunks(chunks, bytes);
}

/** Its stream is written to from outside, until it gets a payload. */
export async function listenUntil(token: string): Promise<void> {
  "use workflow";
  await createHook({ token });
}

async function writeChunks(chunks: number, bytes: number): Promise<void> {
  "use step";
  const writer = getWritable<string>().getWriter();
  const text = "x".repeat(bytes);
  for (let chunk = 0; chunk < chunks; chunk += 1) await writer.write(text);
  writer.releaseLock();
}

async function nothing(): Promise<void> {
  "use step";
}

/** Costs a place and no processor. */
async function pause(milliseconds: number): Promise<void> {
  "use step";
  await delay(milliseconds);
  signals.emit("paused");
}

async function same(value: string): Promise<string> {
  "use step";
  return value;
}

async function afterResume(): Promise<void> {
  "use step";
  signals.emit("resumed", machineTime());
}

async function tellUrl(url: string): Promise<void> {
  "use step";
  signals.emit("webhook", url);
}
