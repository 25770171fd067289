import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";

/** What the machine and the database did for a while. */
export interface Activity {
  /** The processors' part that was not idle, 0 to 1. */
  readonly busy: number;
  /** What the database's backends waited for at random moments of their work, and how often; most frequent first. */
  readonly waits: readonly { readonly event: string; readonly times: number }[];
}

const SAMPLE_MS = 50;

const ACTIVE = `
  select coalesce(wait_event_type || ':' || wait_event, 'processor') as event, count(*)::int as times
  from pg_stat_activity
  where backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()
  group by 1`;

/** While the task runs. */
export async function watchActivity<T>(
  task: () => Promise<T>,
): Promise<{ readonly activity: Activity; readonly result: T }> {
  const client = new Client(process.env["WORKFLOW_POSTGRES_URL"]);
  await client.connect();
  const over = new AbortController();
  const sampling = sampleWaits(client, over.signal);
  const before = processorTimes();
  const result = await task();
  const after = processorTimes();
  over.abort();
  const times = await sampling;
  await client.end();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  const waits = [...times].map(([event, count]) => ({ event, times: count }));
  return { activity: { busy, waits: waits.toSorted((a, b) => b.times - a.times) }, result };
}

async function sampleWaits(client: Client, over: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  while (!over.aborted) {
    const { rows } = await client.query<{ event: string; times: number }>({ name: "active", text: ACTIVE });
    for (const { event, times } of rows) counts.set(event, (counts.get(event) ?? 0) + times);
    await delay(SAMPLE_MS);
  }
  return counts;
}

/** Of all processors since the machine started, in ticks. Waiting for a disk is idle; what a host takes away is not. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [, user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .split(/\s+/)
    .map(Number);
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + softIrq + steal };
}
