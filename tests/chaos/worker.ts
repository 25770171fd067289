// node --import workflow/register tests/chaos/worker.ts
import { startWorker } from "workflow/runtime";
import { insist } from "./insist.ts";
import "./pacers.ts";
import "./shapes.ts";

/** A process that works until it is killed or told to stop; also when nobody is left who could do either. */
const ORPHANED_MS = 500;

// As whoever looks after a process would: one that begins while the server is away fails.
await insist(() => startWorker());
console.log("works");
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, ORPHANED_MS);
