import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";

/** What the machine and the database did for a while. */
export interface Activity {
  /** The processors' part that was not idle, 0 to 1. */
  readonly busy: number;
  /** How many of the database's backends were at work, on average. */
  readonly backends: number;
  /** What they waited for most often; `processor` when for nothing. Undefined when none was at work. */
  readonly mostFrequentWait: string | undefined;
}

const SAMPLE_MS = 50;

const ACTIVE = `
  select coalesce(wait_event_type || ':' || wait_event, 'processor') as wait
  from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()`;

/** While the task runs. */
export async function watchActivity<T>(
  task: () => Promise<T>,
): Promise<{ readonly activity: Activity; readonly result: T }> {
  const over = new AbortController();
  const sampling = sampleBackends(over.signal);
  const before = processorTimes();
  const result = await task();
  const after = processorTimes();
  over.abort();
  const samples = await sampling;
  const activity = {
    busy: 1 - (after.idle - before.idle) / (after.all - before.all),
    backends: samples.flat().length / samples.length,
    mostFrequentWait: mostFrequent(samples.flat()),
  };
  return { activity, result };
}

/** For each sample, what the backends that were at work waited for. */
async function sampleBackends(over: AbortSignal): Promise<readonly (readonly string[])[]> {
  const client = new Client(process.env["WORKFLOW_POSTGRES_URL"]);
  await client.connect();
  const samples: string[][] = [];
  while (!over.aborted) {
    const { rows } = await client.query<{ wait: string }>({ name: "active", text: ACTIVE });
    samples.push(rows.map(({ wait }) => wait));
    await delay(SAMPLE_MS);
  }
  await client.end();
  return samples;
}

function mostFrequent(words: readonly string[]): string | undefined {
  const count = (word: string): number => words.filter((other) => other === word).length;
  return [...new Set(words)].toSorted((a, b) => count(b) - count(a))[0];
}

/** Of all processors since the machine started, in ticks. Waiting for a disk is idle; what a host takes away is not. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [, user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + softIrq + steal };
}
