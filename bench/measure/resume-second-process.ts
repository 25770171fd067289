import { startHelper } from "../child-process.ts";
import type { Partner } from "../conversation.ts";
import type { Measurement } from "./measurement.ts";
import { timeResumes } from "./resume.ts";

let resumer: Partner | undefined;

/** The step runs here; the hook is resumed in a process that has no worker. */
async function timeFromThere(count: number): Promise<readonly number[]> {
  const { ask } = (resumer ??= await startHelper(new URL("../resumer.ts", import.meta.url)));
  return timeResumes(count, ask);
}

export const resumeSecondProcess: Measurement = {
  warmUp: () => timeFromThere(500),
  round: async () => ({ "resume-second-process": { samples: await timeFromThere(25) } }),
  end: async () => resumer?.stop(),
};
