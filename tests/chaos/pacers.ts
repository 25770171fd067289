import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { getWorkflowMetadata } from "workflow";
import { EVIDENCE } from "../crash/evidence.ts";

const PACE_MS = 100;
/** Enough for its worker to be killed meanwhile. */
const PACES = 60;

/** A run that is always in the middle of a step. */
export async function pacer(): Promise<void> {
  "use workflow";
  for (let n = 0; n < PACES; n += 1) await pace();
}

async function pace(): Promise<void> {
  "use step";
  const { workflowRunId: runId } = getWorkflowMetadata();
  appendFileSync(pacesIn(process.env[EVIDENCE] ?? ""), `${runId} ${process.pid} ${Date.now()}\n`);
  return delay(PACE_MS);
}
pace.maxRetries = 50;

/** Where a step of a run began its body, and when: milliseconds since the epoch. */
export interface Pace {
  readonly runId: string;
  readonly pid: number;
  readonly at: number;
}

export function readPaces(evidence: string): readonly Pace[] {
  const file = pacesIn(evidence);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => {
    const [runId = "", pid, at] = line.split(" ");
    return { runId, pid: Number(pid), at: Number(at) };
  });
}

function pacesIn(evidence: string): string {
  return `${evidence}.paces`;
}
