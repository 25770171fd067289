// node --import workflow/register tests/crash/resumes/worker.ts
import { setTimeout as delay } from "node:timers/promises";
import { resumeHook, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { startWorker } from "workflow/runtime";
import { note } from "../evidence.ts";
import { collect } from "./collect.ts";
import { tokens } from "./plan.ts";

/**
 * The process that is killed. It starts a run for each hook, unless one before it has, and resumes the hooks itself,
 * without keys: what was not answered when it died is in doubt, and is not sent again.
 */

const ORPHANED_MS = 500;
const OWN_CALLERS = 20;
const BETWEEN_PAYLOADS_MS = 5;
const { pid } = process;

async function resumeOnce(token: string, payload: string): Promise<void> {
  const about = { call: "resume", token, payload, pid } as const;
  note({ event: "ask", ...about });
  try {
    await resumeHook(token, payload);
    note({ event: "ack", ...about });
  } catch (error) {
    if (!HookNotFoundError.is(error)) throw error;
    note({ event: "refused", ...about });
  }
}

async function resumeInTurns(caller: number): Promise<never> {
  const all = tokens();
  for (let n = 0; ; n += 1) {
    const hook = (caller + n * OWN_CALLERS) % all.length;
    await resumeOnce(all[hook] ?? "", `${n} of ${caller} in ${pid} for ${hook}`);
    await delay(BETWEEN_PAYLOADS_MS);
  }
}

await startWorker();
await Promise.all(tokens().map((token) => start(collect, [token], { idempotencyKey: token })));
console.log("ready");
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(pid, "SIGKILL");
}, ORPHANED_MS);
for (let caller = 0; caller < OWN_CALLERS; caller += 1) void resumeInTurns(caller);
