import { mkdirSync, writeFileSync } from "node:fs";
import type { Worker } from "node:worker_threads";

/**
 * The threads of this process, the engine's writer above all. Node's own flags for profiles and garbage collection do
 * not reach them, because the engine starts its thread without any. Imported before the engine.
 */

const threads: Worker[] = [];
const profiles: ReturnType<Worker["startCpuProfile"]>[] = [];
const profileDirectory = process.execArgv.find((flag) => flag.startsWith("--cpu-prof-dir="))?.split("=")[1];

process.on("worker", (thread: Worker) => {
  threads.push(thread);
  if (profileDirectory === undefined) return;
  thread.once("online", () => profiles.push(thread.startCpuProfile()));
});

/** Beside the profile of the main thread, if that is written. */
export async function writeThreadProfiles(): Promise<void> {
  if (profileDirectory === undefined) return;
  mkdirSync(profileDirectory, { recursive: true });
  // Nothing else keeps the process waiting for them.
  for (const thread of threads) thread.ref();
  for (const [index, profile] of profiles.entries()) {
    const text = await (await profile).stop();
    writeFileSync(`${profileDirectory}/thread-${index}.${process.pid}.cpuprofile`, text);
  }
}

/** What all heaps of this process hold after garbage collection, in bytes. Needs `--expose-gc`. */
export async function heapOfAllThreads(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("Start this process with --expose-gc");
  let sum = 0;
  for (const thread of threads) {
    // Taking a snapshot begins with a collection; nothing else here can make another thread collect.
    const snapshot = await thread.getHeapSnapshot();
    snapshot.destroy();
    sum += (await thread.getHeapStatistics()).used_heap_size;
  }
  globalThis.gc();
  return sum + process.memoryUsage().heapUsed;
}
