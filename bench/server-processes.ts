import { readdirSync, readFileSync } from "node:fs";
import { Client } from "pg";

export interface ServerProcesses {
  /** What they and those that have ended have used until now, in milliseconds. */
  cpuTime(): number;
}

/** Linux counts in hundredths of a second, whatever its timer does. */
const TICK_MS = 10;

/** Of the PostgreSQL server that this process uses. Undefined where there is none, or not on this machine. */
export async function serverProcesses(): Promise<ServerProcesses | undefined> {
  const url = process.env["WORKFLOW_POSTGRES_URL"];
  if (url === undefined) return undefined;
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const backend = rows.map(({ pid }) => readProcess(pid)).find((found) => found?.name === "postgres");
  await client.end();
  return backend && { cpuTime: () => cpuTime(backend.parent) };
}

function cpuTime(postmaster: number): number {
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
  const ticks = all.map(({ pid, parent, own, ended }) => {
    if (pid === postmaster) return own + ended;
    return parent === postmaster ? own : 0;
  });
  return ticks.reduce((sum, value) => sum + value, 0) * TICK_MS;
}

interface ProcessState {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** CPU time in ticks. */
  readonly own: number;
  /** The same of its children that have ended. */
  readonly ended: number;
}

/** Undefined when there is no such process. */
function readProcess(pid: number): ProcessState | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  const [, name = "", rest = ""] = /\((.*)\) (.*)/s.exec(text) ?? [];
  const fields = rest.split(" ").map(Number);
  const at = (index: number): number => fields[index] ?? 0;
  return { pid, name, parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) };
}
