// node --import workflow/register tests/crash/chaos/worker.ts
import { startWorker } from "workflow/runtime";
import "./tally.ts";

/** A process that works until it is killed or told to stop; also when nobody is left who could do either. */
const ORPHANED_MS = 500;

await startWorker();
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, ORPHANED_MS);
