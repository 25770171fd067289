import { createHook } from "workflow";
import type { Drive } from "../driver.ts";
import { noted } from "../noted.ts";

/** One signal that workflow code aborts while a step waits for it, one that a step aborts, one that a step has made. */
export async function guarded(): Promise<unknown[]> {
  "use workflow";
  const own = new AbortController();
  const running = watch(own.signal);
  own.abort(`was told: ${await createHook<string>({ token: "stop" })}`);

  const lent = new AbortController();
  const watched = watch(lent.signal);
  await pull(lent);
  const pulled: unknown = lent.signal.reason;

  const both = AbortSignal.any([own.signal, lent.signal]);
  return [await running, pulled, await watched, await watch(both)];
}

async function watch(signal: AbortSignal): Promise<string> {
  "use step";
  return noted(
    () =>
      new Promise<string>((resolve) => {
        const tell = (): void => resolve(`stopped: ${String(signal.reason)}`);
        if (signal.aborted) tell();
        else signal.addEventListener("abort", tell);
      }),
  );
}

async function pull(controller: AbortController): Promise<void> {
  "use step";
  return noted(() => controller.abort("the cord"));
}

export const drive: Drive = async (driver) => {
  const runId = await driver.start(guarded, []);
  await driver.event(runId, "step_started", "watch");
  await driver.resume("stop", "enough");
  await driver.end(runId);
};
