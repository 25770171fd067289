import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { getWorkflowMetadata } from "workflow";
import { EVIDENCE } from "../crash/evidence.ts";

const PACE_MS = 250;
/** Enough for its worker to be killed meanwhile. */
export const PACES = 12;

/** A run that is always in the middle of a step. */
export async function pacer(): Promise<void> {
  "use workflow";
  for (let n = 0; n < PACES; n += 1) await pace(n);
}

async function pace(n: number): Promise<void> {
  "use step";
  const { workflowRunId: runId } = getWorkflowMetadata();
  appendFileSync(pacesIn(process.env[EVIDENCE] ?? ""), `${runId} ${n} ${process.pid} ${Date.now()}\n`);
  return delay(PACE_MS);
}
pace.maxRetries = 50;

/** Where a step of a run began its body, and when: milliseconds since the epoch. */
export interface Pace {
  readonly runId: string;
  readonly n: number;
  readonly pid: number;
  readonly at: number;
}

export function readPaces(evidence: string): readonly Pace[] {
  const file = pacesIn(evidence);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  return lines.map((line) => {
    const [runId = "", n, pid, at] = line.split(" ");
    return { runId, n: Number(n), pid: Number(pid), at: Number(at) };
  });
}

function pacesIn(evidence: string): string {
  return `${evidence}.paces`;
}
