import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { start } from "workflow/api";
import { startHelper } from "../child-process.ts";
import { machineTime } from "../clock.ts";
import type { Partner } from "../conversation.ts";
import { listenUntil } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";
import { repeat } from "./timing.ts";

let reader: Partner | undefined;

/** A reader in a process that has no worker waits for the chunk; it says when it has it. */
async function timeChunks(count: number): Promise<readonly number[]> {
  const { ask } = (reader ??= await startHelper(new URL("../reader.ts", import.meta.url)));
  const run = await start(listenUntil, [randomUUID()]);
  const writer = run.getWritable<number>().getWriter();
  let index = 0;
  return repeat(count, async () => {
    const came = ask<number>({ runId: run.runId, startIndex: index });
    // Until it waits: the question takes a fraction of that.
    await delay(5);
    const before = machineTime();
    await writer.write((index += 1));
    return (await came) - before;
  });
}

export const streamSecondProcess: Measurement = {
  warmUp: () => timeChunks(200),
  round: async () => ({ "stream-second-process": { samples: await timeChunks(25) } }),
  end: async () => reader?.stop(),
};
