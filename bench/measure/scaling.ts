import { setTimeout as delay } from "node:timers/promises";
import { start } from "workflow/api";
import { startHelper } from "../child-process.ts";
import type { Partner } from "../conversation.ts";
import { type Activity, watchActivity } from "../activity.ts";
import { paced } from "../workflows.ts";
import type { Measurement } from "./measurement.ts";

/** Few, so that places are used up before the processors are. */
const PLACES = 5;
const STEPS = 5;
const STEP_MS = 20;
/** Runs at any time for each place: a step that waits for its turn is always there, in each process. */
const RUNS_PER_PLACE = 4;
const SETTLING_MS = 2_000;
const MEASURED_MS = 8_000;

/** From this part of what the places or the processors can do on, it is they that limit. */
const USED_UP = 0.9;

const WORKER = new URL("../paced-worker.ts", import.meta.url);
const WITH_WORKER = { WORKFLOW_WORKER: "on", WORKFLOW_LOCAL_QUEUE_CONCURRENCY: String(PLACES) };

interface Steady {
  readonly workers: number;
  readonly stepsPerSecond: number;
  readonly activity: Activity;
}

/** Runs are started here, and done by so many other processes. */
async function measureWorkers(workers: number, milliseconds: number): Promise<Steady> {
  const partners = await Promise.all(Array.from({ length: workers }, () => startHelper(WORKER, WITH_WORKER)));
  const over = new AbortController();
  const runs = Array.from({ length: workers * PLACES * RUNS_PER_PLACE }, async () => {
    while (!over.signal.aborted) await (await start(paced, [STEPS, STEP_MS])).returnValue;
  });
  await delay(SETTLING_MS);
  const { activity, result } = await watchActivity(() => rateOf(partners, milliseconds));
  over.abort();
  await Promise.all(runs);
  await Promise.all(partners.map((partner) => partner.stop()));
  return { workers, stepsPerSecond: result, activity };
}

async function rateOf(partners: readonly Partner[], milliseconds: number): Promise<number> {
  const before = await stepsOf(partners);
  const from = performance.now();
  await delay(milliseconds);
  const after = await stepsOf(partners);
  return (after - before) / ((performance.now() - from) / 1000);
}

async function stepsOf(partners: readonly Partner[]): Promise<number> {
  const counts = await Promise.all(partners.map((partner) => partner.ask<number>(null)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** What more workers, or faster ones, would not help against. */
type Limit =
  | { readonly kind: "places" }
  | { readonly kind: "processor" }
  | { readonly kind: "database"; readonly waitsFor: string | undefined };

function limitOf({ workers, stepsPerSecond, activity }: Steady): Limit {
  if (stepsPerSecond >= USED_UP * mostSteps(workers)) return { kind: "places" };
  if (activity.busy >= USED_UP) return { kind: "processor" };
  return { kind: "database", waitsFor: activity.mostFrequentWait };
}

/** In a second, if places were never free. */
function mostSteps(workers: number): number {
  return (workers * PLACES * 1000) / STEP_MS;
}

function describe(steady: Steady): string {
  const { workers, stepsPerSecond, activity } = steady;
  const limit = limitOf(steady);
  const why = limit.kind === "database" ? `database (${limit.waitsFor ?? "nobody asked it"})` : limit.kind;
  const places = `${percent(stepsPerSecond / mostSteps(workers))} of ${mostSteps(workers)} steps/s`;
  const others = `processors ${percent(activity.busy)} busy, ${activity.backends.toFixed(1)} backends active`;
  return `${workers} x ${PLACES} places: limit ${why}, ${places}, ${others}`;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

export const scaling: Measurement = {
  warmUp: () => measureWorkers(1, 0),
  async round() {
    const one = await measureWorkers(1, MEASURED_MS);
    const two = await measureWorkers(2, MEASURED_MS);
    const four = await measureWorkers(4, MEASURED_MS);
    const against = (many: Steady): string => `${describe(one)}; ${describe(many)}`;
    return {
      "scaling-2": { samples: [two.stepsPerSecond], floor: one.stepsPerSecond, note: against(two) },
      scaling: { samples: [four.stepsPerSecond], floor: one.stepsPerSecond, note: against(four) },
    };
  },
};
