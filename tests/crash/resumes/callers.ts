// node --import workflow/register tests/crash/resumes/callers.ts <seed> <quota file>
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { resumeHook } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { createWorld, setWorld } from "workflow/runtime";
import { withFaults } from "../../../packages/world/src/testkit/faults.ts";
import { createRandom } from "../../../packages/world/src/testkit/model/random.ts";
import { EVIDENCE, note, readEvidence } from "../evidence.ts";
import { CALLERS, END, payloadOf, PAYLOADS_PER_CALLER, tokens } from "./plan.ts";

/**
 * A process without a worker, in which many callers send their payloads, each one after the other and with a key. Calls
 * fail before and after they are written, and are made again until they are answered; also those of a process before
 * this one. No caller goes beyond the quota.
 */

const FAILING_PERCENT = 3;
const PAUSE_MS = 5;
/** Nobody calls for ever, also when the payloads or the ends of the runs do not come. */
const LONGEST_MS = 150_000;
const { pid } = process;
const [seed = "", quotaFile = ""] = process.argv.slice(2);
const random = createRandom(Number(seed));

class Fault extends Error {}

const world = await createWorld();
setWorld(
  withFaults(world, ({ write, phase }) => {
    if (write === "deliver" && random.chance(FAILING_PERCENT)) throw new Fault(`${phase} a write`);
  }),
);

async function insist(token: string, payload: string, isPatient: boolean): Promise<void> {
  const about = { call: "resume", token, payload, pid } as const;
  note({ event: "ask", ...about });
  for (;;) {
    try {
      await resumeHook(token, payload, { idempotencyKey: payload, ...(isPatient && { hold: "10m" }) });
      return note({ event: "ack", ...about });
    } catch (error) {
      if (HookNotFoundError.is(error) && !isPatient) await delay(PAUSE_MS);
      else if (!(error instanceof Fault)) throw error;
    }
  }
}

async function call(caller: number, answered: ReadonlySet<string>): Promise<void> {
  for (let n = 0; n < PAYLOADS_PER_CALLER; n += 1) {
    const { token, payload } = payloadOf(caller, n);
    if (answered.has(payload)) continue;
    while (!isAllowed(n)) await delay(PAUSE_MS);
    await insist(token, payload, caller % 2 === 0);
  }
}

setTimeout(() => {
  throw new Error("Not everything was answered in time");
}, LONGEST_MS).unref();
let quota = 0;
const isAllowed = (n: number): boolean => n < quota;
const watching = setInterval(() => (quota = Number(readFileSync(quotaFile, "utf8"))), PAUSE_MS);
const lines = readEvidence(process.env[EVIDENCE] ?? "");
const answered = new Set(
  lines.flatMap((line) => (line.event === "ack" && line.call === "resume" ? [line.payload] : [])),
);
await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller, answered)));
clearInterval(watching);
await Promise.all(tokens().map((token) => insist(token, `${END} ${token}`, false)));
const { data: runs } = await world.runs.list({ resolveData: "none", pagination: { limit: 1000 } });
for (const { runId } of runs) await world.runs.waitForTerminalStatus(runId, { timeoutMs: 30_000 });
await world.close();
