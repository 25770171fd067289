// node --import workflow/register tests/chaos/worker.ts
import { startWorker } from "workflow/runtime";
import "./shapes.ts";
import "./pacers.ts";

/** A process that works until it is killed or told to stop; also when nobody is left who could do either. */
const ORPHANED_MS = 500;

await startWorker();
console.log("works");
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, ORPHANED_MS);
