import { getWritable } from "workflow";
import type { Run } from "workflow/api";
import { getWorld } from "workflow/runtime";
import type { StepFunction } from "../../packages/workflow/src/compiler/registration.ts";
import { deploy, realmCode } from "./engine.ts";
import { eventTypes } from "./scenario.ts";

/** Everything that a stream has until it ends. */
export async function all<T>(stream: ReadableStream<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of stream) found.push(value);
  return found;
}

/** The next `count` values. Whoever reads on gets those after them. */
export async function take<T>(stream: ReadableStream<T>, count: number): Promise<T[]> {
  const reader = stream.getReader();
  const found: T[] = [];
  while (found.length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    found.push(value);
  }
  reader.releaseLock();
  return found;
}

/** In a step: writes to the stream of its run. */
export async function write(values: readonly unknown[], namespace?: string): Promise<void> {
  const writer = getWritable({ namespace }).getWriter();
  for (const value of values) await writer.write(value);
  writer.releaseLock();
}

/** Where a step waits until the test lets it go on. */
export function createGate(): { readonly open: () => void; readonly passed: Promise<void> } {
  const { promise: passed, resolve: open } = Promise.withResolvers<void>();
  return { open, passed };
}

const NAMES = ["one", "two"] as const;

/** Calls both steps after each other, each with the arguments of the run. */
export function deploySteps(steps: Partial<Record<(typeof NAMES)[number], StepFunction>>): void {
  deploy(
    realmCode(
      NAMES,
      `workflow("main", async (...args) => { const first = await one(...args); return [first, await two(...args)]; });`,
    ),
    { one: async () => {}, two: async () => {}, ...steps },
  );
}

/** Resolves once so many steps of the run have started. */
export async function untilStepsOf(run: Run, count: number): Promise<void> {
  const world = await getWorld();
  for (let tries = 0; tries < 2_000; tries += 1) {
    const started = (await eventTypes(world, run.runId)).filter((type) => type === "step_started");
    if (started.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${run.runId} did not come to step ${count}`);
}
